/**
 * The batches of a data set: all its examples as tensors, a `tf.data.Dataset`, or anything that can be iterated.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { HostArray } from "../graph/graph.ts";
import { hostValue } from "../layers/variables.ts";
import { describe } from "../trace/describe.ts";
import type { BatchType } from "./training_graph.ts";

/** The tensors of all inputs or outputs of a model: the only one, a list in the model's order, or by name. */
export type Tensors = tf.Tensor | tf.Tensor[] | { readonly [name: string]: tf.Tensor };

/** Inputs and targets, the first axis over examples. */
export interface Examples {
  /** Inputs of the model. */
  readonly xs: Tensors;
  /** Targets of the model's outputs. */
  readonly ys: Tensors;
}

/** All examples at once, or their batches. To train several epochs it must be possible to iterate the batches again. */
export type TrainingData =
  | Examples
  | tf.data.Dataset<tf.TensorContainer>
  | AsyncIterable<Examples>
  | Iterable<Examples>;

/** A tensor in JavaScript's memory. */
export interface HostTensor extends BatchType {
  readonly data: HostArray;
}

/** Inputs and targets in the model's order. */
export interface HostBatch {
  readonly size: number;
  readonly tensors: readonly HostTensor[];
}

/**
 * True if the data are all examples, not batches.
 *
 * @throws {Error} if they are neither
 */
export function isExamples(data: TrainingData): data is Examples {
  const isObject = typeof data === "object" && data !== null;
  if (isObject && "xs" in data && "ys" in data) return true;
  if (isObject && (isDataset(data) || Symbol.asyncIterator in data || Symbol.iterator in data)) return false;
  throw new Error(
    `the data are ${describe(data)}; pass { xs, ys } of tensors, a tf.data.Dataset, or batches in a list`,
  );
}

const isDataset = (data: TrainingData): data is tf.data.Dataset<tf.TensorContainer> =>
  "iterator" in data && typeof data.iterator === "function";

/** @throws {Error} if a part of the examples is missing, is no tensor, or has no numbers */
function checkTensors(part: "xs" | "ys", given: Tensors | undefined): void {
  const tensors = given instanceof tf.Tensor ? [given] : Object.values(given ?? {});
  if (tensors.length === 0 || !tensors.every((tensor) => tensor instanceof tf.Tensor)) {
    throw new Error(
      `${part} of a batch holds no tensors; pass { xs, ys } of a tensor, a list of tensors, or tensors by name`,
    );
  }
  if (tensors.some(({ isDisposed }) => isDisposed)) {
    throw new Error(`${part} of a batch holds a disposed tensor; dispose of it after the training`);
  }
  const other = tensors.find(({ dtype }) => dtype === "string" || dtype === "complex64");
  if (other) throw new Error(`${part} of a batch holds a tensor of ${other.dtype}; pass one of float32, int32 or bool`);
}

/** Copies examples to JavaScript's memory. TensorFlow.js checks their shapes, and makes columns of lists. */
export function hostBatch(model: tf.LayersModel, examples: Examples): HostBatch {
  if (typeof examples !== "object" || examples === null) {
    throw new Error(`a batch is ${describe(examples)}; pass { xs, ys } of tensors`);
  }
  const { xs, ys } = examples;
  const { standardizeUserDataXY } = model as unknown as {
    standardizeUserDataXY(xs: Tensors, ys: Tensors, checkBatchAxis: boolean): [tf.Tensor[], tf.Tensor[]];
  };
  checkTensors("xs", xs);
  checkTensors("ys", ys);
  let tensors: HostTensor[] = [];
  // TensorFlow.js would look for tensors in every element of what the function returned.
  tf.tidy(() => {
    const [inputs, targets] = standardizeUserDataXY.call(model, xs, ys, true);
    // A model computes with the type that its input declares.
    const typed = inputs.map((tensor, at) => tf.cast(tensor, model.inputs[at]!.dtype));
    tensors = [...typed, ...targets].map(hostValue);
  });
  return { size: tensors[0]!.shape[0]!, tensors };
}

/** Copies some of the examples. */
export const selectExamples = ({ tensors }: HostBatch, chosen: ArrayLike<number>): HostBatch => ({
  size: chosen.length,
  tensors: tensors.map(({ shape, dtype, data }) => {
    const size = data.length / shape[0]!;
    const selected = new (data.constructor as Float32ArrayConstructor)(size * chosen.length) as HostArray;
    for (let at = 0; at < chosen.length; at++) {
      selected.set(data.subarray(chosen[at]! * size, (chosen[at]! + 1) * size), at * size);
    }
    return { shape: [chosen.length, ...shape.slice(1)], dtype, data: selected };
  }),
});

/** The batches of a data set, from epoch to epoch. */
export interface BatchSource {
  /** The number of examples, where it is known. */
  readonly samples?: number;
  /** Starts an epoch. */
  epoch(epoch: number): AsyncIterable<HostBatch> | Iterable<HostBatch>;
}

/**
 * Cuts examples into batches; the last one may be smaller.
 *
 * @param order the order of the examples in an epoch
 */
export const batchesOf = (
  examples: HostBatch,
  batchSize: number,
  order: (epoch: number, count: number) => Int32Array = (_, count) => Int32Array.from({ length: count }, (_, at) => at),
): BatchSource => ({
  samples: examples.size,
  *epoch(epoch) {
    const chosen = order(epoch, examples.size);
    for (let at = 0; at < chosen.length; at += batchSize) {
      yield selectExamples(examples, chosen.subarray(at, at + batchSize));
    }
  },
});

/**
 * Hands on the batches of a data set.
 *
 * @param perEpoch batches of an epoch; the next epoch goes on behind them. Default: each epoch starts from the first batch
 */
export function batchSource(
  model: tf.LayersModel,
  batches: Exclude<TrainingData, Examples>,
  perEpoch?: number,
): BatchSource {
  if (perEpoch === undefined) return { epoch: () => iterateBatches(model, batches) };
  const endless = iterateBatches(model, batches);
  return { epoch: () => take(endless, perEpoch) };
}

async function* take<T>(iterator: AsyncIterator<T>, count: number): AsyncGenerator<T> {
  for (let taken = 0; taken < count; taken++) {
    const { value, done } = await iterator.next();
    if (done) return;
    yield value;
  }
}

/** Starts to iterate batches. TensorFlow.js's data sets hand out their tensors to be disposed of. */
async function* iterateBatches(
  model: tf.LayersModel,
  batches: Exclude<TrainingData, Examples>,
): AsyncGenerator<HostBatch> {
  if (!isDataset(batches)) {
    for await (const examples of batches) yield hostBatch(model, examples);
    return;
  }
  const iterator = await batches.iterator();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    const batch = hostBatch(model, next.value as unknown as Examples);
    tf.dispose(next.value);
    yield batch;
  }
}
