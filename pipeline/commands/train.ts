/**
 * Stage 3: trains a network (Gastaldi 2017, section 2): Nesterov momentum, a learning rate that falls, shake-shake
 * regularization.
 *
 * @module
 */
import { labelWarnings, parseAugmentations } from "../../data/augmentations.ts";
import { InputError } from "../../data/files/input_error.ts";
import { stream } from "../../data/random.ts";
import { selectEngine } from "../../engine/select.ts";
import { initialise } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";
import { noPlateau } from "../../model/schedule.ts";
import { initialState } from "../../model/training_step.ts";
import {
  type Checkpoint,
  hasCheckpoints,
  makeCheckpointFolder,
  type Position,
  readCheckpoint,
  readLastCheckpoint,
  readPosition,
  removeCheckpoints,
} from "../run/checkpoint.ts";
import type { Command, Context, Result } from "../cli/command.ts";
import type { Configuration, Field } from "../configuration/fields.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { loadDataset } from "./preprocess.ts";
import { programVersion } from "../run/program_version.ts";
import { networkOf, trainFirst, writeRunConfiguration } from "../run/run_configuration.ts";
import { report } from "./report.ts";
import { sharedCheckpoint } from "../training/shared_checkpoint.ts";
import { runStage, sha256 } from "../run/stage_record.ts";
import { ifDecided, inAll, inTeam, sameInAll, type Team, threadsOf } from "../training/team.ts";
import { type Setup, TrainingRun } from "../training/training_run.ts";
import { UsageError } from "../configuration/usage_error.ts";

/** What the weights depend on; a run can only be continued with the same. */
const mathematics = [
  "dataset",
  "images",
  "architecture",
  "depth",
  "width",
  "branches",
  "groups",
  "skip",
  "batchNorm",
  "shake",
  "sampling",
  "epochs",
  "batch",
  "learningRate",
  "schedule",
  "warmupEpochs",
  "restartEpochs",
  "restartFactor",
  "plateauFactor",
  "plateauEpochs",
  "momentum",
  "weightDecay",
  "augment",
  "shuffle",
  "seed",
  "init",
] as const satisfies readonly Field[];

/** What only decides how far a run goes, where it is computed and what it leaves. */
const conduct = [
  "maxSteps",
  "logEvery",
  "checkpointEvery",
  "saveSeconds",
  "nonFinite",
  "tensorboard",
  "engine",
  "device",
  "syncBatchNorm",
] as const satisfies readonly Field[];

export const train: Command = {
  name: "train",
  fields: ["run", ...mathematics, ...conduct, "distributed", "threads", "runs", "cache"],
  resumes: true,
  async run(configuration, context) {
    return await inTeam(configuration, context, async (team, context) => {
      const result = await trainInTeam(configuration, context, team);
      return team.rank > 0 ? {} : { ...result, report: await reportIfPossible(configuration, context) };
    });
  },
};

/** Training without the report after it. */
export const trainStage = (configuration: Configuration, context: Context): Promise<Result> =>
  inTeam(configuration, context, (team, context) => trainInTeam(configuration, context, team));

async function trainInTeam(configuration: Configuration, context: Context, team: Team): Promise<Result> {
  const { configuration: file, metrics, last, best, trainRecord } = runPaths(configuration);
  const inputs = [datasetPaths(configuration).decoded, ...(configuration.init ? [configuration.init] : [])];
  const settings = pick(configuration, [...mathematics, ...conduct]);
  const stage = { name: "train", record: trainRecord, settings, inputs, outputs: [file, metrics, last, best] };
  const upToDate = await ifDecided(
    team,
    (begin) => runStage(stage, context, begin),
    () => trainRun(configuration, context, team),
  );
  return team.rank > 0 ? {} : { ...await resultOf(configuration), upToDate };
}

/** The path of the report; a damaged file beside the run is no reason to call its training failed. */
async function reportIfPossible(configuration: Configuration, context: Context): Promise<unknown> {
  try {
    return (await report.run(configuration, context))["file"];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.log(`warning: no report was written: ${error.message}`);
    return null;
  }
}

/** Where a run stands and what it left. */
async function resultOf(configuration: Configuration): Promise<Result> {
  const { run } = configuration;
  const { last, best, metrics } = runPaths(configuration);
  const { step, validatedEpochs: epochs, best: bestValidation } = await readPosition(last, trainFirst(configuration));
  return { run, step, epochs, best: bestValidation, checkpoints: { last, best }, metrics };
}

async function trainRun(configuration: Configuration, context: Context, team: Team): Promise<void> {
  const setup = await inAll(team, () => prepare(configuration, context, team));
  const { net, engine } = setup;
  if (team.size > 1) await sameInAll(team, { ...await trainingTraits(configuration), computes: engine.name });
  const settings = { ...pick(configuration, mathematics), data: await dataDigest(configuration) };
  const start = await inAll(team, async () => {
    if (team.rank > 0) return undefined;
    const checkpoint = await continued(configuration, net, settings, context) ??
      await begun(configuration, net, settings, context);
    // One process would train the same.
    await writeRunConfiguration({ ...configuration, distributed: "none" });
    return checkpoint;
  });
  await new TrainingRun(configuration, context, setup, await sharedCheckpoint(team, start)).train();
}

const dataDigest = (configuration: Configuration) => sha256(datasetPaths(configuration).decoded);

/** What must be the same in processes that train together. */
export async function trainingTraits(configuration: Configuration): Promise<Record<string, unknown>> {
  return {
    ...pick(configuration, [...mathematics, ...conduct]),
    // Where these lie may differ between machines; a first checkpoint is read by rank 0 alone.
    ...{ init: undefined, images: undefined },
    ...{ data: await dataDigest(configuration), program: await programVersion() },
  };
}

/** Data, network and engine of this process. */
async function prepare(configuration: Configuration, { log }: Context, team: Team): Promise<Setup> {
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration, dataset);
  for (const warning of labelWarnings(parseAugmentations(configuration.augment), dataset.labels)) {
    log(`warning: ${warning}`);
  }
  const stepsPerEpoch = Math.floor(dataset.train.count / configuration.batch);
  if (stepsPerEpoch === 0) {
    throw new UsageError(`--batch: ${configuration.batch} is more than the ${dataset.train.count} training images`);
  }
  if (configuration.batch % team.size !== 0) {
    throw new UsageError(
      `--batch: ${configuration.batch} images cannot be shared equally by ${team.size} processes; choose a multiple`,
    );
  }
  const { engine, reason } = await selectEngine(configuration.engine, {
    ...configuration,
    threads: threadsOf(team, configuration.threads),
    processes: team.size > 1 ? team : undefined,
  });
  log(`engine: ${engine.description} (${reason})`);
  if (team.size > 1) log(`train: ${team.size} processes, ${configuration.batch / team.size} images of each step each`);
  return { dataset, net, engine, stepsPerEpoch, team };
}

type Settings = Position["settings"];

/** The last checkpoint of a run that is continued, or undefined if it has none. */
async function continued(
  configuration: Configuration,
  net: Network,
  settings: Settings,
  { resume, force, log }: Context,
): Promise<Checkpoint | undefined> {
  if (!resume || force) return undefined;
  const paths = runPaths(configuration);
  const checkpoint = await readLastCheckpoint(paths, net, log);
  if (!checkpoint) return undefined;
  const { position, state } = checkpoint;
  const changed = Object.entries(settings).find(([key, value]) =>
    JSON.stringify(position.settings[key]) !== JSON.stringify(value)
  );
  if (changed) {
    const [key, value] = changed;
    const [was, is] = [position.settings[key], value].map((setting) => JSON.stringify(setting));
    const what = key === "data" ? "other data" : `${key} ${was}, not ${is}`;
    throw new UsageError(
      `the run ${configuration.run} was begun with ${what}: choose another --run, or begin it again with --force`,
    );
  }
  log(`train: continuing after step ${position.step}`);
  if (position.best === null) return checkpoint;
  try {
    await readCheckpoint(paths.best, net, "");
    return checkpoint;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    log(`warning: ${error.message.replace(/; $/, "")}; the next validation gives the best checkpoint`);
    return { position: { ...position, best: null }, state };
  }
}

/** The beginning of a run, at given weights or at new ones; the checkpoints of a run that was there before are removed. */
async function begun(
  configuration: Configuration,
  net: Network,
  settings: Settings,
  { force }: Context,
): Promise<Checkpoint> {
  const paths = runPaths(configuration);
  await makeCheckpointFolder(paths);
  if (!force && await hasCheckpoints(paths)) {
    throw new UsageError(
      `${paths.last} is there: continue the run with --resume, begin it again with --force, or choose another --run`,
    );
  }
  const position: Position = {
    ...{ step: 0, validatedEpochs: 0, best: null, plateau: noPlateau },
    ...{ epochLoss: 0, epochAccuracy: 0, epochSkipped: 0 },
    settings,
  };
  const state = await firstState(configuration, net);
  await removeCheckpoints(paths);
  return { position, state };
}

/** The state that a run begins with: new weights, or those of `--init`. */
export async function firstState({ seed, init }: Configuration, net: Network): Promise<Checkpoint["state"]> {
  const fresh = initialState(
    net,
    initialise(net.variables, (index) => stream(seed, "initialisation", index).uniform),
  );
  if (init === undefined) return fresh;
  const { state } = await readCheckpoint(init, net, "--init needs a checkpoint file");
  const kept = Object.entries(state).filter(([name]) => !name.startsWith("momentum/"));
  return { ...fresh, ...Object.fromEntries(kept) };
}

const pick = (configuration: Configuration, fields: readonly Field[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, configuration[field]]));
