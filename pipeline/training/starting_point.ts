/**
 * The checkpoint that a run starts from: its last one, the one of `--init`, or new weights.
 *
 * @module
 */
import type { TrainingData } from "../../data/batches.ts";
import { InputError } from "../../data/files/input_error.ts";
import { stream } from "../../data/random.ts";
import { initialise, type InitialTensor } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";
import { isOfHead } from "../../model/freezing.ts";
import { initialState, withoutPrefix } from "../../model/training_step.ts";
import type { Context } from "../cli/command.ts";
import { shellWord } from "../cli/shell_word.ts";
import { type Configuration, type Field, fieldInfo, fieldNames } from "../configuration/fields.ts";
import { initFile } from "../configuration/pretrained.ts";
import { earlierMeaning } from "../configuration/recorded.ts";
import { UsageError } from "../configuration/usage_error.ts";
import {
  type Checkpoint,
  hasCheckpoints,
  makeCheckpointFolder,
  type Position,
  readCheckpoint,
  readLastCheckpoint,
  removeCheckpoints,
} from "../run/checkpoint.ts";
import { dataDifference, type DataIdentity, dataIdentityIfThere } from "../run/data_identity.ts";
import { type InitialWeights, readInitialWeights } from "../run/initial_weights.ts";
import { type RunPaths, runPaths } from "../run/paths.ts";
import { firstPosition } from "./position.ts";
import { withWhitenedStem } from "./whitened_stem.ts";

type Settings = Position["settings"];

/** The fields that decide the first state. */
type First = Pick<Configuration, "seed" | "init" | "averaging" | "whitening">;

/** The fields that decide the beginning of a run, and its data. */
interface Start extends First, Pick<Configuration, "runs" | "run" | "maxSteps"> {
  readonly data: DataIdentity;
  readonly dataset: TrainingData;
}

/**
 * Resumes the run with `--resume`, if it has checkpoints; otherwise begins it, and removes its old checkpoints.
 *
 * @param settings the settings of the run, see `settingsOf`
 * @throws {UsageError} if the run would be overwritten, or was begun with other settings
 * @throws {InputError} if a checkpoint is damaged or of another network
 */
export const startingPoint = async (
  start: Start,
  net: Network,
  settings: Settings,
  context: Context,
): Promise<Checkpoint> => await resumed(start, net, settings, context) ?? await begun(start, net, settings, context);

/** The last checkpoint of a run to resume, or undefined if it has none. */
async function resumed(
  { runs, run, maxSteps = Infinity, data }: Start,
  net: Network,
  settings: Settings,
  { resume, force, log }: Context,
): Promise<Checkpoint | undefined> {
  if (!resume || force) return undefined;
  const paths = runPaths({ runs, run });
  if (!await hasCheckpoints(paths)) return undefined;
  // First, because other classes would seem to be another network.
  await requireSameData(paths, data);
  const checkpoint = await readLastCheckpoint(paths, net, log);
  if (!checkpoint) return undefined;
  const { position, state } = checkpoint;
  requireSame(paths, position.settings, settings);
  if (position.step > maxSteps) {
    throw new UsageError(
      `--max-steps: the run ${run} has done ${position.step} steps, more than ${maxSteps}; name a larger number, ` +
        "choose another --run, or begin it again with --force",
    );
  }
  log(`train: continuing after step ${position.step}`);
  const lost = position.best !== null && await whyUnreadable(paths.best, net);
  if (!lost) return checkpoint;
  log(`warning: ${lost}; the next validation gives the best checkpoint`);
  return { position: { ...position, best: null }, state };
}

/** @throws {UsageError} naming what changed */
async function requireSameData(paths: RunPaths, now: DataIdentity): Promise<void> {
  const before = await dataIdentityIfThere(paths);
  if (before === undefined || before.digest === now.digest) return;
  // The run's own flags find its data again, unless the data itself changed.
  const flags = before.name !== now.name || before.imageShape.join() !== now.imageShape.join();
  throw begunWith(paths, `other data: ${dataDifference(before, now)}`, flags);
}

/** @throws {UsageError} naming the first setting that changed */
function requireSame(paths: RunPaths, before: Settings, now: Settings): void {
  const changed = Object.keys({ ...now, ...before }).find((key) =>
    JSON.stringify(before[key]) !== JSON.stringify(now[key])
  );
  if (changed === undefined) return;
  const [was, is] = [before, now].map((settings) => JSON.stringify(settings[changed] ?? defaultOf(changed) ?? "none"));
  const isData = changed === "data";
  throw begunWith(paths, isData ? "other data" : `${changed} ${was}, not ${is}`, !isData);
}

/** The value of a setting that is not recorded: its meaning in earlier versions, or its default. */
const defaultOf = (setting: string): unknown => {
  if (!fieldNames.includes(setting as Field)) return undefined;
  return earlierMeaning[setting as Field] ?? fieldInfo(setting as Field).initial;
};

/** @param flags whether the run's own flags would continue it */
function begunWith({ run, configuration }: RunPaths, difference: string, flags: boolean): UsageError {
  const asBefore = flags ? `continue it as it was with --config ${shellWord(configuration)} --resume, ` : "";
  return new UsageError(
    `the run ${run} was begun with ${difference}; ${asBefore}choose another --run, or begin it again with --force`,
  );
}

/** The reason why a checkpoint cannot be read, or undefined if it can. */
async function whyUnreadable(path: string, net: Network): Promise<string | undefined> {
  try {
    await readCheckpoint(path, net, "");
    return undefined;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message.replace(/; $/, "");
  }
}

/** The beginning of a run; the checkpoints of an earlier run of the same name are removed. */
async function begun(
  start: Omit<Start, "data">,
  net: Network,
  settings: Settings,
  { force, log }: Context,
): Promise<Checkpoint> {
  const paths = runPaths(start);
  await makeCheckpointFolder(paths);
  if (!force && await hasCheckpoints(paths)) {
    throw new UsageError(
      `${paths.last} is there: continue the run with --resume, begin it again with --force, or choose another --run`,
    );
  }
  const state = await firstState(start, net, start.dataset, log);
  await removeCheckpoints(paths);
  return { position: firstPosition(settings), state };
}

/**
 * The state that a run begins with: new weights, or the weights and statistics that `--init` would be evaluated with; the
 * momentum is 0, and an average is the weights themselves. What `--init` lacks is new, and so is the head for other classes.
 *
 * @param dataset whose training images give the filters of `--whitening`, and whose classes the head is for
 * @param log receives what is new beside the weights of `--init`
 */
export async function firstState(
  { seed, init, averaging, whitening }: First,
  net: Network,
  dataset: TrainingData,
  log: (line: string) => void = () => {},
): Promise<Checkpoint["state"]> {
  const drawn = initialise(net.variables, (index) => stream(seed, "initialisation", index).uniform);
  return initialState(net, {
    ...(whitening === "none" ? drawn : withWhitenedStem(drawn, net, dataset)),
    ...await kept(init, net, dataset, log),
  }, averaging);
}

/** The variables that `--init` gives, by name. */
async function kept(
  init: string | undefined,
  net: Network,
  { labels }: TrainingData,
  log: (line: string) => void,
): Promise<Record<string, InitialTensor>> {
  if (init === undefined) return {};
  const weights = await readInitialWeights(initFile(init), net);
  const found = {
    ...withoutPrefix("weights/", weights.state),
    ...withoutPrefix("statistics/", weights.state),
  } as Record<string, InitialTensor>;
  const newHead = areOthers(weights, labels);
  const used = Object.entries(found).filter(([name]) => !(newHead && isOfHead(name)));
  if (newHead) log(`train: the weights of --init are for other classes, so the classifier is new`);
  const missing = net.variables.find(({ name }) => !(name in found));
  if (missing) log(`train: the weights of --init have no ${missing.name}, which is new`);
  return Object.fromEntries(used);
}

/** Tells if weights are for other classes than these; classes that are not known are others if their number is. */
function areOthers(weights: InitialWeights, labels: readonly string[]): boolean {
  const count = weights.state["weights/dense/bias"]!.shape[0];
  return count !== labels.length || (weights.labels !== undefined && weights.labels.join("\0") !== labels.join("\0"));
}
