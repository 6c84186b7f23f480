/**
 * Kills a process of a distributed run of two with SIGKILL at random moments, rank 0 or the other, continues the run each
 * time, and compares its losses with those of two processes that were never stopped: they are the same numbers.
 *
 *     deno task kill-rank [kills, default 20] [seed, default 1]
 */
import assert from "#assert";
import { readPosition } from "../../pipeline/run/checkpoint.ts";
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { childrenOf, ended, hasMpi, KILLED, startTeam } from "../support/mpi.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { tinyRun } from "../support/tiny_run.ts";
import { waitUntil } from "../support/wait_until.ts";

const [kills, seed] = [Deno.args[0] ?? "20", Deno.args[1] ?? "1"].map(Number) as [number, number];
/** With as many each time, sums are added in the same order. */
const PROCESSES = 2;
/** Seconds in which a job must end after one of its processes is killed. */
const SOON = 15;

if (!hasMpi) throw new Error("kill-rank needs mpirun (Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev)");

async function lossesOf(configuration: Configuration): Promise<number[]> {
  const lines = (await Deno.readTextFile(runPaths(configuration).metrics)).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).flatMap(({ epoch, loss }) => epoch === undefined ? [loss] : []);
}

const lastStep = (configuration: Configuration): Promise<number> =>
  readPosition(runPaths(configuration).last, "").then(({ step }) => step, () => 0);

await inTemporaryFolder(async (folder) => {
  const next = uniformNumbers(seed);
  const fields = { learningRate: 0.001, batch: 12, epochs: 10_000, saveSeconds: 1, shake: "even-even-batch" };
  const configuration = await tinyRun(folder, { ...fields, run: "killed" });
  const file = `${folder}/config.json`;
  await Deno.writeTextFile(file, JSON.stringify(configuration));
  const args = (steps: number) => [
    ...["train", "--config", file, "--distributed", "mpi", "--resume", "--max-steps", String(steps)],
  ];
  for (let kill = 1; kill <= kills; kill++) {
    const before = await lastStep(configuration);
    await using job = startTeam(PROCESSES, args(1_000_000));
    const output = ended(job);
    await waitUntil("its processes began", async () => (await childrenOf(job.pid)).length === PROCESSES, output);
    // From before the processes have found each other until well into the training.
    await new Promise((resolve) => setTimeout(resolve, 1000 + 9000 * next()));
    const ranks = await childrenOf(job.pid);
    const rank = Math.floor(next() * ranks.length);
    const saved = await lastStep(configuration);
    const killed = performance.now();
    // Without one, the job has ended before, and says why.
    if (ranks.length > 0) Deno.kill(ranks[rank]!, "SIGKILL");
    const { code, stderr } = await output;
    const seconds = (performance.now() - killed) / 1000;
    const after = await lastStep(configuration);
    assert.notEqual(code, 0, stderr);
    assert.match(stderr, KILLED);
    assert.ok(seconds < SOON, `the job ended ${seconds.toFixed(1)} s after its process`);
    assert.ok(after >= saved && saved >= before, `steps ${before}, ${saved}, ${after}`);
    console.log(
      `kill ${kill}: rank ${rank}, ended in ${seconds.toFixed(1)} s; saved before ${saved}, after ${after}`,
    );
  }
  const steps = await lastStep(configuration) + 5;
  const whole = await tinyRun(folder, { ...fields, run: "whole" });
  await Deno.writeTextFile(`${folder}/whole.json`, JSON.stringify(whole));
  for (const all of [args(steps), args(steps).with(2, `${folder}/whole.json`)]) {
    const { code, stderr } = await ended(startTeam(PROCESSES, all));
    assert.equal(code, 0, stderr);
  }
  const losses = await lossesOf(configuration);
  assert.deepEqual(losses, await lossesOf(whole));
  console.log(`${losses.length} losses are those of two processes that were never stopped, to the last bit`);
}, STRESS_FOLDER);
