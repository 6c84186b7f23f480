/**
 * Stops each process of a distributed run of three with SIGSTOP, as if it hung, and cuts the link between two of three
 * machines. Every process ends within the time limit, the silent one is named, the last complete step is saved unless rank
 * 0 is the silent one, and the run continues.
 *
 *     deno task stop-rank [seconds of --rank-timeout, default 10] [link: cut the link alone]
 *
 * The machines are network namespaces, which need root and `ip` (Debian and Ubuntu: iproute2). Without them the link is
 * left out, and a line says so.
 */
import assert from "#assert";
import { readPosition } from "../../pipeline/run/checkpoint.ts";
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { childrenOf, ended, hasMpi, startTeam } from "../support/mpi.ts";
import { connectedMachines } from "../support/network_namespaces.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { tinyRun } from "../support/tiny_run.ts";
import { waitUntil } from "../support/wait_until.ts";

const timeout = Number(Deno.args[0] ?? 10), linkAlone = Deno.args[1] === "link";
const PROCESSES = 3;
/** Seconds beyond the limit in which rank 0 saves and mpirun ends the others, and until TCP gives up a machine. */
const SAVING = 15, UNREACHABLE = 40;

if (!hasMpi) throw new Error("stop-rank needs mpirun (Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev)");

const stepOf = (configuration: Configuration): Promise<number> =>
  readPosition(runPaths(configuration).last, "").then(({ step }) => step, () => 0);

const stepsLogged = (configuration: Configuration): Promise<number> =>
  Deno.readTextFile(runPaths(configuration).metrics).then((text) => text.split("\n").length - 1, () => 0);

/** Lets a job train, disturbs it, and reports how it ended. */
async function disturbed(
  job: Deno.ChildProcess,
  configuration: Configuration,
  what: string,
  silent: readonly number[],
  soon: number,
  disturb: () => Promise<void>,
): Promise<void> {
  const output = ended(job), logged = await stepsLogged(configuration);
  await waitUntil("three steps", async () => await stepsLogged(configuration) >= logged + 3, output);
  const before = await stepOf(configuration), began = performance.now();
  await disturb();
  const { code, stderr } = await output;
  const seconds = (performance.now() - began) / 1000;
  const after = await stepOf(configuration);
  assert.notEqual(code, 0, stderr);
  const named = silent.length === 1 ? `rank ${silent[0]} has` : `ranks ${silent.join(", ")} have`;
  assert.match(stderr, new RegExp(`error: ${named} not answered within ${timeout} s`));
  assert.ok(seconds < timeout + soon, `the job ended ${seconds.toFixed(1)} s after ${what}`);
  const saved = silent.includes(0) ? after >= before : after > before && stderr.includes(`stopped after step ${after}`);
  assert.ok(saved, `steps ${before}, ${after}\n${stderr}`);
  console.log(`${what}: ended in ${seconds.toFixed(1)} s, step ${after} is saved`);
}

await inTemporaryFolder(async (folder) => {
  const fields = { learningRate: 0.001, batch: 12, epochs: 10_000, saveSeconds: 1000, shake: "even-even-batch" };
  const configuration = await tinyRun(folder, { ...fields, run: "stopped" });
  const file = `${folder}/config.json`;
  await Deno.writeTextFile(file, JSON.stringify(configuration));
  const args = ["train", "--config", file, "--distributed", "mpi", "--resume", "--rank-timeout", String(timeout)];
  for (let rank = PROCESSES - 1; rank >= 0 && !linkAlone; rank--) {
    await using job = startTeam(PROCESSES, args);
    await disturbed(job, configuration, `rank ${rank} stopped`, [rank], SAVING, async () => {
      Deno.kill((await childrenOf(job.pid))[rank]!, "SIGSTOP");
    });
  }
  await using machines = await connectedMachines(PROCESSES);
  if (machines) {
    await using job = machines.startTeam(args);
    await disturbed(job, configuration, "link cut", [2], UNREACHABLE, () => machines.cut(2));
  } else {
    console.log("no network namespaces here: the cut link is left out");
  }
  const more = await stepOf(configuration) + 2;
  const { code, stderr } = await ended(startTeam(PROCESSES, [...args, "--max-steps", String(more)]));
  assert.equal(code, 0, stderr);
  console.log(`the run continues to step ${more}`);
}, STRESS_FOLDER);
