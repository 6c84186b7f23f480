/**
 * Kills a run with SIGKILL many times, resumes it each time, and compares its results with a run that was never killed:
 * weights, metrics, best score, evaluation and exported model, byte for byte. Half of the kills come at random times, half
 * at the moment that a file of the run changes.
 *
 *     deno task kill-resume [kills, default 100] [epochs, default 40] [seed, default 1]
 */
import assert from "#assert";
import { fileURLToPath } from "node:url";
import type { Configuration } from "../../pipeline/configuration/fields.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { inTemporaryFolder, STRESS_FOLDER } from "../support/temporary_folder.ts";
import { tinyRun } from "../support/tiny_run.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The stages that are killed. */
const allStages = ["train", "evaluate", "export"] as const;
type StageName = typeof allStages[number];
/** The longest that a process may live, as a share of the time of a whole run. */
const LONGEST_LIFE = 0.25;

/** Where a kill came, as what was left shows it. */
type Moment =
  | "before the first checkpoint"
  | "in an epoch"
  | "in a validation"
  | "while a file was written"
  | "after training";

function start(stage: string, folder: string, configuration: Configuration): Deno.ChildProcess {
  const flags = stage === "train"
    ? ["--config", `${folder}/config.json`, "--resume"]
    : ["--run", configuration.run, "--runs", configuration.runs, "--cache", configuration.cache];
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--allow-read", `--allow-write=${folder}`, "--allow-ffi", "--allow-env"],
      ...["--allow-sys", `${root}pipeline/main.ts`, stage, ...flags],
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Runs all stages; `kill` may end a process before it is done. */
async function runStages(
  folder: string,
  configuration: Configuration,
  stages: readonly StageName[],
  kill?: (child: Deno.ChildProcess) => Promise<void>,
): Promise<boolean> {
  for (const stage of stages) {
    const child = start(stage, folder, configuration);
    const killed = kill?.(child);
    const { code, signal, stderr } = await child.output();
    await killed;
    if (signal === "SIGKILL") return false;
    assert.equal(code, 0, `${stage}: ${new TextDecoder().decode(stderr)}`);
  }
  return true;
}

/** Kills after a random time, or when the next of a random number of files of the run changes. */
async function killSometime(
  child: Deno.ChildProcess,
  folder: string,
  milliseconds: number,
  next: () => number,
): Promise<void> {
  let ended = false;
  child.status.then(() => ended = true);
  const kill = () => {
    if (!ended) child.kill("SIGKILL");
  };
  const timer = setTimeout(kill, milliseconds * next());
  if (next() < 0.5) {
    let changes = Math.floor(60 * next());
    using watcher = Deno.watchFs(folder);
    child.status.then(() => watcher.close());
    for await (const { kind } of watcher) {
      if (kind !== "access" && changes-- === 0) kill();
    }
  }
  await child.status;
  clearTimeout(timer);
}

/** Reads where the run stands as the kill left it. */
async function momentOf(configuration: Configuration): Promise<Moment> {
  const { folder, last, metrics, trainRecord } = runPaths(configuration);
  if (await contains(folder, /\.part$/)) return "while a file was written";
  if (await exists(trainRecord)) return "after training";
  if (!await exists(last)) return "before the first checkpoint";
  const lines = (await Deno.readTextFile(metrics)).split("\n").filter((line) => line.endsWith("}"));
  const { step, epoch } = JSON.parse(lines.at(-1) ?? "{}");
  // 45 images in batches of 10: 4 steps an epoch.
  return epoch === undefined && step % 4 === 0 ? "in a validation" : "in an epoch";
}

const exists = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);

async function contains(folder: string, name: RegExp): Promise<boolean> {
  if (!await exists(folder)) return false;
  for await (const entry of Deno.readDir(folder)) {
    if (entry.isDirectory ? await contains(`${folder}/${entry.name}`, name) : name.test(entry.name)) return true;
  }
  return false;
}

/** Everything that a run ends with, and the folder is removed. */
async function takeResult(
  configuration: Configuration,
  stages: readonly StageName[],
): Promise<Record<string, Uint8Array>> {
  const { folder, last, best, metrics, evaluation, model } = runPaths(configuration);
  assert.ok(!await contains(folder, /\.part$/), "nothing is left of what was not finished");
  const ofStages = { train: [last, best, metrics], evaluate: [evaluation], export: [model] };
  const paths = stages.flatMap((stage) => ofStages[stage]);
  const files = paths.map(async (path) => [path, await Deno.readFile(path)]);
  const result = Object.fromEntries(await Promise.all(files));
  await Deno.remove(folder, { recursive: true });
  return result;
}

export interface KillOptions {
  readonly kills: number;
  /** Epochs of each run. */
  readonly epochs: number;
  readonly seed: number;
  /** Stages that are killed; default: all. */
  readonly stages?: readonly StageName[];
  /** Where the folder of the runs is made. */
  readonly parent?: string;
}

/**
 * Kills and continues runs until there were enough kills, and compares each run that got to its end.
 *
 * @throws {assert.AssertionError} if one ends otherwise than the run that was never stopped, or cannot be continued
 */
export async function killAndResume(
  { kills, epochs, seed, stages = allStages, parent }: KillOptions,
  log: (line: string) => void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const next = uniformNumbers(seed);
    const configuration = await tinyRun(folder, { epochs, saveSeconds: 0.5 });
    await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(configuration));
    await Deno.mkdir(configuration.runs);
    const began = performance.now();
    assert.ok(await runStages(folder, configuration, stages));
    const whole = performance.now() - began;
    log(`a run that is not stopped takes ${(whole / 1000).toFixed(1)} s`);
    const expected = await takeResult(configuration, stages);
    const moments = new Map<Moment, number>();
    let done = 0, runs = 0;
    const kill = (child: Deno.ChildProcess) =>
      done < kills ? killSometime(child, configuration.runs, LONGEST_LIFE * whole, next) : Promise.resolve();
    while (done < kills) {
      while (!await runStages(folder, configuration, stages, kill)) {
        const moment = await momentOf(configuration);
        moments.set(moment, (moments.get(moment) ?? 0) + 1);
        if (++done % 10 === 0) log(`${done} kills`);
      }
      assert.deepEqual(await takeResult(configuration, stages), expected);
      runs++;
    }
    log(`${done} kills; ${runs} runs came to their end, each with the bytes of the one that was not stopped`);
    for (const [moment, count] of moments) log(`  ${count} ${moment}`);
  }, parent);
}

if (import.meta.main) {
  const [kills = 100, epochs = 40, seed = 1] = Deno.args.map(Number);
  await killAndResume({ kills, epochs, seed, parent: await Deno.realPath(".") + `/${STRESS_FOLDER}` }, console.log);
}
