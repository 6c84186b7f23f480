/**
 * The loop over epochs and batches, with the options, logs and callbacks of TensorFlow.js's `fit` and `fitDataset`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { BatchSource, HostBatch, TrainingData } from "./batches.ts";
import { checkOptions, DEFAULT_BATCH_SIZE, type FitOptions } from "./fit_options.ts";
import { openData } from "./open_data.ts";

/** The loss and the metrics, by their names in TensorFlow.js. */
export type Logs = Record<string, number>;

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

/**
 * Trains for some epochs.
 *
 * @returns the losses and metrics of each epoch; those of validation start with `val_`
 */
export async function fit(trainer: Trainer, data: TrainingData, options: FitOptions): Promise<tf.History> {
  checkOptions(data, options);
  const { epochs = 1, initialEpoch = 0 } = options, { model } = trainer;
  const { source, validation } = openData(model, data, options, trainer.seed);
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

const callbacksOf = ({ callbacks, yieldEvery }: FitOptions) =>
  [callbacks ?? {}].flat().map((callback) =>
    "setModel" in callback ? callback as tf.Callback : new tf.CustomCallback(callback, yieldEvery ?? "auto")
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
