/**
 * Kills one of three processes of an experiment with SIGKILL while each trains a run of its own, for each rank in turn, and
 * starts the experiment again. The others save their runs, no run begins again, and at last the table and every byte of the
 * checkpoints are those of an experiment that was never disturbed.
 *
 *     deno task kill-experiment
 */
import assert from "#assert";
import { resolveConfiguration } from "../../pipeline/configuration/resolve.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { sha256 } from "../../pipeline/run/stage_record.ts";
import { childrenOf, ended, hasMpi, KILLED, startTeam } from "../support/mpi.ts";
import { writePictureFolder } from "../support/picture_folder.ts";
import { hasStepped, savedSteps } from "../support/steps_of_run.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { waitUntil } from "../support/wait_until.ts";

const PROCESSES = 3;
/** Seconds in which a job must end after one of its processes is killed. */
const SOON = 15;
const NAME = "ablation";

if (!hasMpi) {
  throw new Error("kill-experiment needs mpirun (Debian and Ubuntu: apt-get install openmpi-bin libopenmpi-dev)");
}

/** The runs of an experiment in a folder, by name; none before the first begins. */
async function runsIn(folder: string): Promise<Map<string, { metrics: string; last: string }>> {
  const runs = new Map<string, { metrics: string; last: string }>(), experiment = `${folder}/runs/quick-${NAME}`;
  const entries = await Array.fromAsync(Deno.readDir(experiment)).catch(() => []);
  for (const { name, isDirectory } of entries) {
    const paths = runPaths({ runs: experiment, run: name });
    if (isDirectory) runs.set(name, paths);
  }
  return runs;
}

/** The steps of the last checkpoint of each run that has one. */
async function stepsOf(folder: string): Promise<Record<string, number>> {
  const steps: Record<string, number> = {};
  for (const [name, paths] of await runsIn(folder)) {
    const saved = await savedSteps(paths);
    if (saved > 0) steps[name] = saved;
  }
  return steps;
}

/** Waits until so many runs were seen to train, while their job goes on. */
async function untilTraining(folder: string, count: number, job: Promise<unknown>): Promise<void> {
  const began = Date.now(), seen = new Set<string>();
  await waitUntil(`${count} runs trained`, async () => {
    for (const [name, paths] of await runsIn(folder)) if (await hasStepped(paths, began)) seen.add(name);
    return seen.size >= count;
  }, job);
}

/** Writes the configuration of the experiment; its pictures' path is a setting of every run, and so in every checkpoint. */
async function experimentIn(folder: string, images: string): Promise<string[]> {
  const configuration = resolveConfiguration("quick", undefined, {
    ...{ cache: `${folder}/cache`, runs: `${folder}/runs`, dataset: "folder", images },
    ...{ imageSize: 8, width: 2, batch: 4, epochs: 150, logEvery: 1, saveSeconds: 1000, threads: 1 },
    ...{ learningRate: 0.001, engine: "onnxruntime" },
  });
  const file = `${folder}/config.json`;
  await Deno.writeTextFile(file, JSON.stringify(configuration));
  return ["experiment", NAME, "--config", file, "--distributed", "mpi"];
}

/** The results of the table, and the digest of the last checkpoint of each run. */
async function resultsOf(folder: string) {
  const { results } = JSON.parse(await Deno.readTextFile(`${folder}/runs/quick-${NAME}/${NAME}.json`));
  const checkpoints: Record<string, string> = {};
  for (const [name, { last }] of await runsIn(folder)) {
    const digest = await sha256(last);
    assert.ok(digest, `the run ${name} has no checkpoint`);
    checkpoints[name] = digest;
  }
  return { results, checkpoints };
}

await inTemporaryFolder(async (folder) => {
  const pictures = `${folder}/pictures`;
  await writePictureFolder(pictures);
  const args = await experimentIn(folder, pictures);
  for (let rank = PROCESSES - 1; rank >= 0; rank--) {
    await using job = startTeam(PROCESSES, args);
    const output = ended(job);
    await untilTraining(folder, PROCESSES, output);
    const before = await stepsOf(folder), killed = performance.now();
    Deno.kill((await childrenOf(job.pid))[rank]!, "SIGKILL");
    const { code, stderr } = await output;
    const seconds = (performance.now() - killed) / 1000, after = await stepsOf(folder);
    assert.notEqual(code, 0, stderr);
    assert.match(stderr, KILLED);
    assert.ok(seconds < SOON, `the job ended ${seconds.toFixed(1)} s after its process`);
    for (const [run, step] of Object.entries(before)) assert.ok(after[run]! >= step, `${run}: ${step}, ${after[run]}`);
    console.log(`rank ${rank} killed: ended in ${seconds.toFixed(1)} s; steps saved ${JSON.stringify(after)}`);
  }
  const { code, stderr } = await ended(startTeam(PROCESSES, args));
  assert.equal(code, 0, stderr);
  const results = await resultsOf(folder);
  await inTemporaryFolder(async (whole) => {
    const { code, stderr } = await ended(startTeam(PROCESSES, await experimentIn(whole, pictures)));
    assert.equal(code, 0, stderr);
    assert.deepEqual(results, await resultsOf(whole));
  }, STRESS_FOLDER);
  const { length } = Object.keys(results.checkpoints);
  console.log(`the table and the bytes of ${length} checkpoints are those of an experiment that was never disturbed`);
}, STRESS_FOLDER);
