/**
 * The batches of the data of `fit` and `evaluate`, as their options say.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import {
  batchesOf,
  type BatchSource,
  batchSource,
  type Examples,
  hostBatch,
  isExamples,
  selectExamples,
  type TrainingData,
} from "./batches.ts";
import { DEFAULT_BATCH_SIZE, type EvaluateOptions, type FitOptions } from "./fit_options.ts";
import { generator, permutation } from "./random_numbers.ts";

/** The data of `fit`. */
export interface OpenData {
  readonly source: BatchSource;
  readonly validation?: BatchSource | undefined;
}

/**
 * Opens the data of `fit`: those to train on, and those to measure after each epoch.
 *
 * @param seed the key of the order of the examples
 */
export function openData(model: tf.LayersModel, data: TrainingData, options: FitOptions, seed: number): OpenData {
  const { batchSize = DEFAULT_BATCH_SIZE, shuffle = true, validationSplit, validationData } = options;
  const order = (epoch: number, count: number) => permutation(count, generator(seed, "order", epoch));
  const given = validationData && openValidation(model, validationData, options);
  if (!isExamples(data)) return { source: batchSource(model, data, options.batchesPerEpoch), validation: given };
  const examples = hostBatch(model, data);
  if (examples.size === 0) throw new Error("the data have no examples; pass some");
  const isSplit = !given && validationSplit !== undefined && validationSplit > 0;
  const trained = isSplit ? Math.floor(examples.size * (1 - validationSplit)) : examples.size;
  if (trained === 0) {
    throw new Error(
      `validationSplit ${validationSplit} leaves nothing of ${examples.size} examples to train on; lower it`,
    );
  }
  const part = (first: number, end: number) =>
    selectExamples(examples, Int32Array.from({ length: end - first }, (_, at) => first + at));
  const source = batchesOf(isSplit ? part(0, trained) : examples, batchSize, shuffle ? order : undefined);
  return { source, validation: isSplit ? batchesOf(part(trained, examples.size), batchSize) : given };
}

function openValidation(
  model: tf.LayersModel,
  given: NonNullable<FitOptions["validationData"]>,
  { validationBatchSize, batchSize = DEFAULT_BATCH_SIZE, validationBatches }: FitOptions,
): BatchSource {
  return openBatches(model, isPair(given) ? { xs: given[0], ys: given[1] } : given, {
    batchSize: validationBatchSize ?? batchSize,
    batches: validationBatches,
  });
}

/** Opens data to be measured: in order, each time from the first batch. */
export function openBatches(
  model: tf.LayersModel,
  data: TrainingData,
  { batchSize = DEFAULT_BATCH_SIZE, batches }: EvaluateOptions,
): BatchSource {
  if (isExamples(data)) return batchesOf(hostBatch(model, data), batchSize);
  return batches === undefined ? batchSource(model, data) : { epoch: () => batchSource(model, data, batches).epoch(0) };
}

/** Tells `[xs, ys]` from batches in a list. */
const isPair = (
  data: NonNullable<FitOptions["validationData"]>,
): data is [Examples["xs"], Examples["ys"]] => Array.isArray(data) && data.length === 2 && !("ys" in data[0]);
