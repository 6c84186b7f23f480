/**
 * The loop over epochs and batches, with the options, logs and callbacks of TensorFlow.js's `fit` and `fitDataset`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  batchesOf,
  type BatchSource,
  batchSource,
  type Examples,
  type HostBatch,
  hostBatch,
  isExamples,
  selectExamples,
  type TrainingData,
} from "./batches.ts";
import { generator, permutation } from "./random_numbers.ts";

/** The loss and the metrics, by their names in TensorFlow.js. */
export type Logs = Record<string, number>;

/** A callback, or its functions: `{ onEpochEnd(epoch, logs) { ... } }`. */
export type FitCallback = tf.Callback | tf.CustomCallback | tf.CustomCallbackArgs;

/** Options of `fit`. They have the names and the defaults of TensorFlow.js's. */
export interface FitOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** The first epoch's number, for training that goes on; default 0. */
  readonly initialEpoch?: number;
  /** Examples of a batch, where the data are not in batches; default 32. */
  readonly batchSize?: number;
  /** Draws the order of the examples anew for each epoch, where the data are not in batches; default true. */
  readonly shuffle?: boolean;
  /** Ends an epoch after so many batches, where the data are in batches. The next epoch goes on behind them. */
  readonly batchesPerEpoch?: number;
  /** Data to measure after each epoch. */
  readonly validationData?: TrainingData | [xs: Examples["xs"], ys: Examples["ys"]];
  /** The part of the examples, from the last one, that is measured and not trained on: 0 to 1. */
  readonly validationSplit?: number;
  /** Examples of a batch of validation; default `batchSize`. */
  readonly validationBatchSize?: number;
  /** Measures so many batches, where the validation data are in batches; default: all. */
  readonly validationBatches?: number;
  /** Functions that are called as training goes on. A callback may set the model's `stopTraining`. */
  readonly callbacks?: FitCallback | readonly FitCallback[];
  /** When callbacks let other work go on; see TensorFlow.js. */
  readonly yieldEvery?: ConstructorParameters<typeof tf.CustomCallback>[1];
  /** Handed to callbacks; nothing is printed. */
  readonly verbose?: number;
}

/** Trains and measures batches. */
export interface Trainer {
  readonly model: tf.LayersModel;
  /** The names of the loss and the metrics. */
  readonly logNames: readonly string[];
  /** Keys the order of the examples. */
  readonly seed: number;
  train(batch: HostBatch): Promise<Logs>;
  measure(batch: HostBatch): Promise<Logs>;
  /** Writes the weights into the model. */
  writeWeights(): void;
}

/** The options; others, such as `classWeight`, are refused. */
const KNOWN: Readonly<Record<keyof FitOptions, true>> = {
  epochs: true,
  initialEpoch: true,
  batchSize: true,
  shuffle: true,
  batchesPerEpoch: true,
  validationData: true,
  validationSplit: true,
  validationBatchSize: true,
  validationBatches: true,
  callbacks: true,
  yieldEvery: true,
  verbose: true,
};

const DEFAULT_BATCH_SIZE = 32;

/**
 * Trains for some epochs.
 *
 * @returns the losses and metrics of each epoch; those of validation start with `val_`
 */
export async function fit(trainer: Trainer, data: TrainingData, options: FitOptions): Promise<tf.History> {
  checkOptions(data, options);
  const { epochs = 1, initialEpoch = 0 } = options, { model } = trainer;
  const { source, validation } = openData(trainer, data, options);
  const history = new tf.History();
  const callbacks = new tf.CallbackList([...callbacksOf(options), history]);
  callbacks.setParams(callbackParams(trainer, options, source, validation));
  callbacks.setModel(model);
  await callbacks.onTrainBegin();
  model.stopTraining = false;
  for (let epoch = initialEpoch; epoch < epochs && !model.stopTraining; epoch++) {
    await callbacks.onEpochBegin(epoch);
    const { logs, stopped } = await trainEpoch(trainer, source.epoch(epoch), callbacks, epoch);
    trainer.writeWeights();
    const validated = validation && !stopped ? await measureAll(trainer, validation.epoch(epoch)) : {};
    const prefixed = Object.entries(validated).map(([name, value]) => [`val_${name}`, value] as const);
    await callbacks.onEpochEnd(epoch, { ...Object.fromEntries(prefixed), ...logs });
  }
  await callbacks.onTrainEnd();
  return history;
}

/** Trains on the batches of an epoch, or on those before a callback stops the training. */
async function trainEpoch(
  trainer: Trainer,
  batches: AsyncIterable<HostBatch> | Iterable<HostBatch>,
  callbacks: tf.CallbackList,
  epoch: number,
): Promise<{ readonly logs: Logs; readonly stopped: boolean }> {
  const mean = new MeanLogs();
  let batch = 0;
  for await (const examples of batches) {
    if (trainer.model.stopTraining) return { logs: mean.logs(), stopped: true };
    const place = { batch, size: examples.size };
    await callbacks.onBatchBegin(batch, { ...place });
    const logs = await trainer.train(examples);
    mean.add(logs, examples.size);
    await callbacks.onBatchEnd(batch++, { ...place, ...logs });
  }
  if (batch > 0) return { logs: mean.logs(), stopped: false };
  throw new Error(
    `the data set has no batch in epoch ${epoch}; pass one that can be iterated again, or the option batchesPerEpoch`,
  );
}

/** Measures the loss and the metrics of some batches, as their means over the examples. */
export async function measureAll(
  trainer: Trainer,
  batches: AsyncIterable<HostBatch> | Iterable<HostBatch>,
): Promise<Logs> {
  const mean = new MeanLogs();
  let count = 0;
  for await (const examples of batches) {
    mean.add(await trainer.measure(examples), examples.size);
    count++;
  }
  if (count === 0) throw new Error("the data to be measured have no batch; pass some that can be iterated again");
  return mean.logs();
}

/** Means over examples of what is logged for each batch. */
class MeanLogs {
  readonly #sums: Logs = {};
  #examples = 0;

  add(logs: Readonly<Logs>, examples: number): void {
    for (const [name, value] of Object.entries(logs)) this.#sums[name] = (this.#sums[name] ?? 0) + value * examples;
    this.#examples += examples;
  }

  logs(): Logs {
    return Object.fromEntries(Object.entries(this.#sums).map(([name, sum]) => [name, sum / this.#examples]));
  }
}

interface OpenData {
  readonly source: BatchSource;
  readonly validation?: BatchSource | undefined;
}

function openData(trainer: Trainer, data: TrainingData, options: FitOptions): OpenData {
  const { model } = trainer,
    { batchSize = DEFAULT_BATCH_SIZE, shuffle = true, validationSplit, validationData } = options;
  const order = (epoch: number, count: number) => permutation(count, generator(trainer.seed, "order", epoch));
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

/** Options of `evaluate`. They have the names and the defaults of TensorFlow.js's. */
export interface EvaluateOptions {
  /** Examples of a batch, where the data are not in batches; default 32. */
  readonly batchSize?: number;
  /** Measures so many batches, where the data are in batches; default: all. */
  readonly batches?: number | undefined;
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

const callbacksOf = ({ callbacks, yieldEvery }: FitOptions) =>
  [callbacks ?? {}].flat().map((callback) =>
    "setModel" in callback ? callback : new tf.CustomCallback(callback as tf.CustomCallbackArgs, yieldEvery ?? "auto")
  );

const callbackParams = (
  { logNames }: Trainer,
  { epochs = 1, initialEpoch = 0, batchSize = DEFAULT_BATCH_SIZE, batchesPerEpoch, verbose = 0 }: FitOptions,
  { samples }: BatchSource,
  validation: BatchSource | undefined,
) => ({
  ...{ epochs, initialEpoch, verbose, samples: samples!, steps: batchesPerEpoch!, batchSize },
  doValidation: validation !== undefined,
  metrics: [...logNames, ...validation ? logNames.map((name) => `val_${name}`) : []],
});

/** @throws {Error} if an option is unknown, or one of examples is given for batches or the reverse */
function checkOptions(data: TrainingData, options: FitOptions): void {
  const { batchSize = 1, validationSplit = 0, validationData } = options;
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(KNOWN, name));
  if (unknown) throw new Error(`fit has no option ${unknown}; its options are ${Object.keys(KNOWN).join(", ")}`);
  for (const name of ["epochs", "initialEpoch"] as const) {
    const count = options[name] ?? 0;
    if (!Number.isInteger(count) || count < 0) throw new Error(`${name} is ${count}; it is a whole number from 0`);
  }
  // A list of three, as TensorFlow.js takes it.
  if (Array.isArray(validationData) && (validationData as unknown[])[2] instanceof tf.Tensor) {
    throw new Error("validationData has weights of examples, which fit does not take; pass [xs, ys]");
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new Error(`batchSize is ${batchSize}; it is a whole number from 1`);
  }
  if (validationSplit < 0 || validationSplit >= 1) {
    throw new Error(`validationSplit is ${validationSplit}; it is at least 0 and below 1`);
  }
  const forExamples = ["batchSize", "shuffle", "validationSplit"] as const;
  const misplaced = isExamples(data)
    ? options.batchesPerEpoch !== undefined && "batchesPerEpoch"
    : forExamples.find((name) => options[name] !== undefined);
  if (misplaced) {
    throw new Error(
      `option ${misplaced} is not for ${isExamples(data) ? "tensors" : "data that are in batches"}; omit it`,
    );
  }
}
