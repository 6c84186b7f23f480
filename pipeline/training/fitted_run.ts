/**
 * Fits the length and the batch of a run to its data and to a time, before it begins.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { isThere } from "../../data/files/files.ts";
import { selectEngine } from "../../engine/select.ts";
import type { Context } from "../cli/command.ts";
import { durationText, rateText } from "../cli/quantity.ts";
import { parseDuration } from "../configuration/duration.ts";
import type { Configuration } from "../configuration/fields.ts";
import { MOST_EPOCHS } from "../configuration/fields/training.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { hasCheckpoints } from "../run/checkpoint.ts";
import { loadDataset } from "../run/load_dataset.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { networkOf } from "../run/described_network.ts";
import { runConfigurationIfThere } from "../run/run_configuration.ts";
import { trainingSplits } from "../run/training_splits.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { trainingSpeed } from "./training_speed.ts";

export type TimedConfiguration = TrainingConfiguration & Pick<Configuration, "time">;

/**
 * Reduces a batch that is larger than the training split, and replaces `--time` by the number of epochs that fit in it. A run
 * with checkpoints keeps its number of epochs, so that the same command continues it.
 *
 * @throws {UsageError} with `--time` and several processes, or if the epochs end before the warm-up does
 */
export async function fittedRun(given: TimedConfiguration, context: Context): Promise<TrainingConfiguration> {
  const configuration = await fitted(given, context);
  requireWarmupWithin(configuration, given.time === undefined ? "of the run" : `that --time ${given.time} gives`);
  return configuration;
}

/** @param which says where the number of epochs is from */
function requireWarmupWithin({ warmupEpochs, epochs }: TrainingConfiguration, which: string): void {
  if (warmupEpochs < epochs) return;
  throw new UsageError(`--warmup-epochs: ${warmupEpochs} is not below the ${epochs} epochs ${which}`);
}

async function fitted(given: TimedConfiguration, context: Context): Promise<TrainingConfiguration> {
  const { time, ...configuration } = given;
  if (time !== undefined && configuration.distributed !== "none") {
    throw new UsageError(`--time ${time} measures one process; with --distributed name --epochs instead`);
  }
  // A missing data set is an error of the run itself, which names the remedy.
  if (!await isThere(datasetPaths(configuration).decoded)) return configuration;
  const paths = runPaths(configuration);
  // Without a checkpoint the run begins anew.
  const isBegun = !context.force && await hasCheckpoints(paths);
  const before = isBegun ? await runConfigurationIfThere(paths) : undefined;
  if (time !== undefined && before !== undefined) {
    context.log(`train: --time ${time}: the run has ${before.epochs} epochs since its beginning`);
    return await withSmallerBatch({ ...configuration, epochs: before.epochs }, context);
  }
  const smaller = await withSmallerBatch(configuration, context);
  return time === undefined ? smaller : { ...smaller, epochs: await epochsIn(parseDuration(time), smaller, context) };
}

/** The largest power of two of at most so many images. */
export const largestBatch = (images: number): number => 2 ** Math.floor(Math.log2(images));

async function withSmallerBatch(
  configuration: TrainingConfiguration,
  { log }: Context,
): Promise<TrainingConfiguration> {
  const { batch } = configuration;
  const count = await imagesIfFew(configuration);
  if (count === undefined || count === 0 || batch <= count) return configuration;
  const smaller = largestBatch(count);
  log(`train: --batch ${batch} is more than the ${count} training images, so a batch has ${smaller}`);
  return { ...configuration, batch: smaller };
}

/** Bytes of a decoded data set that is read to count its training images; all of a larger one are more than any usual batch. */
const FEW_BYTES = 64e6;

/** The number of images that a run trains on; undefined for large data sets. */
async function imagesIfFew(configuration: TrainingConfiguration): Promise<number | undefined> {
  const { size } = await Deno.stat(datasetPaths(configuration).decoded);
  if (size > FEW_BYTES && configuration.trainingPictures === "all") return undefined;
  return trainingSplits(await loadDataset(configuration), configuration).training.train.count;
}

/** Share of the time that is planned; saving, logging and the end of the run take the rest. */
const PLANNED = 0.95;
/** Time of a classified image, in times of a trained one: the backward pass takes twice the forward pass. */
const CLASSIFIED = 1 / 3;

/** The number of epochs that fit in a time, by the measured speed of the training step. */
async function epochsIn(seconds: number, configuration: TrainingConfiguration, context: Context): Promise<number> {
  const { training, validation } = trainingSplits(await loadDataset(configuration), configuration);
  const speed = await speedOf(configuration, training, context);
  const images = training.train.count + CLASSIFIED * (validation?.count ?? 0);
  const epochs = epochsFor(seconds, images / speed);
  context.log(
    `train: ${rateText(speed)} images/s, so ${epochs} epochs end in ${
      durationText(seconds)
    } (--time); config.json has ` +
      "the number, and repeats the run",
  );
  if (epochs * images / speed > seconds) {
    context.log(`warning: one epoch takes about ${durationText(images / speed)}, more than --time`);
  }
  return epochs;
}

/** At least one epoch, and otherwise as many as are planned for a time and a run may have. */
export const epochsFor = (seconds: number, secondsOfEpoch: number): number =>
  Math.min(MOST_EPOCHS, Math.max(1, Math.floor(PLANNED * seconds / secondsOfEpoch)));

async function speedOf(
  configuration: TrainingConfiguration,
  dataset: Pick<Dataset, "labels" | "imageShape">,
  { signal }: Context,
): Promise<number> {
  await using engine = (await selectEngine(configuration.engine, configuration)).engine;
  const { batch } = configuration, { imageShape } = dataset;
  return await trainingSpeed(engine, networkOf(configuration, dataset), { batch, imageShape, signal });
}
