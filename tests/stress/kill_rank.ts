/**
 * Kills a process of a distributed run of two with SIGKILL at random moments, rank 0 or the other: every fourth time while
 * the processes start, else after the first step. It continues the run each time, and compares its losses with those of two processes that were never stopped: they are the same numbers.
 *
 *     deno task kill-rank [kills, default 20] [seed, default 1]
 */
import assert from "#assert";
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { childrenOf, ended, hasMpi, KILLED, startTeam } from "../support/mpi.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import { hasStepped, savedSteps } from "../support/steps_of_run.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { tinyRun } from "../support/tiny_run.ts";
import { waitUntil } from "../support/wait_until.ts";

const [kills, seed] = [Deno.args[0] ?? "20", Deno.args[1] ?? "1"].map(Number) as [number, number];
/** With as many each time, sums are added in the same order. */
const PROCESSES = 2;
/** Seconds in which a job must end after one of its processes is killed. */
const SOON = 15;
/** The longest that a job lives after its processes began, or after its first step, in milliseconds. */
const STARTING = 9000, TRAINING = 3000;

if (!hasMpi) throw new Error("kill-rank needs mpirun (Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev)");

async function lossesOf(configuration: Configuration): Promise<number[]> {
  const lines = (await Deno.readTextFile(runPaths(configuration).metrics)).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).flatMap(({ epoch, loss }) => epoch === undefined ? [loss] : []);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

await inTemporaryFolder(async (folder) => {
  const next = uniformNumbers(seed);
  const fields = { learningRate: 0.001, batch: 12, epochs: 10_000, saveSeconds: 1, shake: "even-even-batch" };
  const configuration = await tinyRun(folder, { ...fields, run: "killed" });
  const file = `${folder}/config.json`;
  await Deno.writeTextFile(file, JSON.stringify(configuration));
  const args = (steps: number) => [
    ...["train", "--config", file, "--distributed", "mpi", "--resume", "--max-steps", String(steps)],
  ];
  const paths = runPaths(configuration);
  for (let kill = 1; kill <= kills; kill++) {
    const before = await savedSteps(paths), began = Date.now(), starting = kill % 4 === 1;
    await using job = startTeam(PROCESSES, args(1_000_000));
    const output = ended(job);
    await waitUntil("its processes began", async () => (await childrenOf(job.pid)).length === PROCESSES, output);
    if (!starting) await waitUntil("the first step", () => hasStepped(paths, began), output);
    await pause((starting ? STARTING : TRAINING) * next());
    const ranks = await childrenOf(job.pid);
    const rank = Math.floor(next() * ranks.length);
    const saved = await savedSteps(paths);
    const killed = performance.now();
    // Without one, the job has ended before, and says why.
    if (ranks.length > 0) Deno.kill(ranks[rank]!, "SIGKILL");
    const { code, stderr } = await output;
    const seconds = (performance.now() - killed) / 1000;
    const after = await savedSteps(paths);
    assert.notEqual(code, 0, stderr);
    assert.match(stderr, KILLED);
    assert.ok(seconds < SOON, `the job ended ${seconds.toFixed(1)} s after its process`);
    assert.ok(after >= saved && saved >= before, `steps ${before}, ${saved}, ${after}`);
    console.log(
      `kill ${kill}${starting ? " at the start" : ""}: rank ${rank}, ended in ${
        seconds.toFixed(1)
      } s; saved before ${saved}, after ${after}`,
    );
  }
  const steps = await savedSteps(paths) + 5;
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
