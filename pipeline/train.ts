/**
 * Stage 3: trains a network (Gastaldi 2017, section 2): Nesterov momentum, a learning rate that falls, shake-shake
 * regularization.
 *
 * @module
 */
import { labelWarnings, parseAugmentations } from "../data/augmentations.ts";
import { removeIfThere } from "../data/files.ts";
import { stream } from "../data/random.ts";
import { selectEngine } from "../engine/select.ts";
import { initialise } from "../model/initialise.ts";
import type { Network } from "../model/network.ts";
import { noPlateau } from "../model/schedule.ts";
import { initialState } from "../model/training_step.ts";
import { type Checkpoint, type Position, readCheckpoint, readPosition } from "./checkpoint.ts";
import type { Command, Context, Result } from "./command.ts";
import type { Configuration, Field } from "./configuration.ts";
import { datasetPaths, runPaths } from "./paths.ts";
import { loadDataset } from "./preprocess.ts";
import { networkOf, trainFirst, writeRunConfiguration } from "./run_configuration.ts";
import { runStage, sha256, whyStale } from "./stage_record.ts";
import { TrainingRun } from "./training_run.ts";
import { UsageError } from "./usage_error.ts";

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
const conduct = ["maxSteps", "logEvery", "checkpointEvery", "engine", "device"] as const satisfies readonly Field[];

export const train: Command = {
  name: "train",
  fields: ["run", ...mathematics, ...conduct, "threads", "runs", "cache"],
  resumes: true,
  async run(configuration, context) {
    const { configuration: file, metrics, last, best, trainRecord } = runPaths(configuration);
    const inputs = [datasetPaths(configuration).decoded, ...(configuration.init ? [configuration.init] : [])];
    const settings = pick(configuration, [...mathematics, ...conduct]);
    const stage = { name: "train", record: trainRecord, settings, inputs, outputs: [file, metrics, last, best] };
    if (!context.force && !context.resume && await sha256(last) && await whyStale(stage)) {
      throw new UsageError(
        `${last} is there: continue the run with --resume, begin it again with --force, or choose another --run`,
      );
    }
    const upToDate = await runStage(stage, context, () => trainRun(configuration, context));
    return { ...await resultOf(configuration), upToDate };
  },
};

/** Where a run stands and what it left. */
async function resultOf(configuration: Configuration): Promise<Result> {
  const { run } = configuration;
  const { last, best, metrics } = runPaths(configuration);
  const { step, validatedEpochs: epochs, best: bestValidation } = await readPosition(last, trainFirst(configuration));
  return { run, step, epochs, best: bestValidation, checkpoints: { last, best }, metrics };
}

async function trainRun(configuration: Configuration, context: Context): Promise<void> {
  const { log } = context;
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration, dataset);
  for (const warning of labelWarnings(parseAugmentations(configuration.augment), dataset.labels)) {
    log(`warning: ${warning}`);
  }
  const stepsPerEpoch = Math.floor(dataset.train.count / configuration.batch);
  if (stepsPerEpoch === 0) {
    throw new UsageError(`--batch: ${configuration.batch} is more than the ${dataset.train.count} training images`);
  }
  const { engine, reason } = await selectEngine(configuration.engine, configuration);
  log(`engine: ${engine.description} (${reason})`);
  const start = await startOf(configuration, net, context);
  await writeRunConfiguration(configuration);
  // A run that begins again has no best checkpoint before it has one of its own.
  if (start.position.step === 0) await removeIfThere(runPaths(configuration).best);
  await new TrainingRun(configuration, context, { dataset, net, engine, stepsPerEpoch }, start).train();
}

/** Where a run begins: at its last checkpoint, at given weights, or at new ones. */
export async function startOf(
  configuration: Configuration,
  net: Network,
  { resume, force, log }: Pick<Context, "resume" | "force" | "log">,
): Promise<Checkpoint> {
  const { last } = runPaths(configuration);
  const settings = { ...pick(configuration, mathematics), data: await sha256(datasetPaths(configuration).decoded) };
  if (resume && !force && await sha256(last)) {
    const checkpoint = await readCheckpoint(last, net, "begin the run without --resume");
    const changed = Object.entries(settings).find(([key, value]) =>
      JSON.stringify(checkpoint.position.settings[key]) !== JSON.stringify(value)
    );
    if (changed) {
      const [key, value] = changed;
      const [was, is] = [checkpoint.position.settings[key], value].map((setting) => JSON.stringify(setting));
      const what = key === "data" ? "other data" : `${key} ${was}, not ${is}`;
      throw new UsageError(
        `the run ${configuration.run} was begun with ${what}: choose another --run, or begin it again with --force`,
      );
    }
    log(`train: continuing after step ${checkpoint.position.step}`);
    return checkpoint;
  }
  const position: Position = {
    ...{ step: 0, validatedEpochs: 0, best: null, plateau: noPlateau, epochLoss: 0, epochAccuracy: 0 },
    settings,
  };
  const fresh = initialState(
    net,
    initialise(net.variables, (index) => stream(configuration.seed, "initialisation", index).uniform),
  );
  if (!configuration.init) return { position, state: fresh };
  const { state } = await readCheckpoint(configuration.init, net, "--init needs a checkpoint file");
  const kept = Object.entries(state).filter(([name]) => !name.startsWith("momentum/"));
  return { position, state: { ...fresh, ...Object.fromEntries(kept) } };
}

const pick = (configuration: Configuration, fields: readonly Field[]): Record<string, unknown> =>
  Object.fromEntries(fields.map((field) => [field, configuration[field]]));
