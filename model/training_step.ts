/**
 * The training step as one pure function, (state, batch, factors, rate) -> (state', metrics), and its two halves.
 *
 * State is named `weights/<variable>`, `momentum/<variable>` and `statistics/<variable>`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { flatten, unflatten } from "./flat.ts";
import type { InitialTensor } from "./initialise.ts";
import { accuracy, l2Loss, softmaxCrossEntropy } from "./loss.ts";
import { nesterovOfAll, type OptimizerOptions } from "./optimizer.ts";
import type { Network } from "./network.ts";
import type { Processes } from "./processes.ts";

/** A function of named tensors to named tensors. */
export type Step = (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;

export interface StepOptions extends OptimizerOptions {
  /**
   * The processes that share each batch. With them `images`, `labels`, `alpha` and `beta` are a process's own equal part,
   * and the outputs are of the whole batch, the same in all of them. Default: this process has the batch.
   */
  readonly processes?: Processes | undefined;
  /**
   * Whether batch norm normalises over the whole batch, so that the step is the one that a single process would make, or
   * each process over its own part; then the moving statistics are the processes' average. Default: over the whole batch.
   */
  readonly syncBatchNorm?: boolean;
}

/**
 * The step. Inputs: the state; `images` [batch, 32, 32, 3], normalised; `labels` int32 [batch]; `alpha` and `beta`
 * [blocks, branches, batch]; `learningRate`, a scalar. Outputs: the new state under the same names; scalars `loss`
 * (cross-entropy and weight decay, before the update) and `accuracy` (of the batch).
 */
export function trainingStep(net: Network, options: StepOptions): Step {
  const { processes, syncBatchNorm = true } = options;
  return (inputs) => {
    const own = lossAndGradients(net, inputs, syncBatchNorm ? processes : undefined);
    const { crossEntropy, accuracy, statistics, gradients } = processes ? averaged(own, processes, syncBatchNorm) : own;
    const weights = weightNames(net).map((name) => inputs[`weights/${name}`]!);
    const loss = tf.add(crossEntropy, tf.mul(l2Loss(weights), options.weightDecay));
    return { ...updated(net, inputs, gradients, options), ...prefixed("statistics/", statistics), loss, accuracy };
  };
}

export interface LossAndGradients {
  /** Mean over the batch, a scalar. */
  readonly crossEntropy: tf.Scalar;
  /** Of the batch, a scalar. */
  readonly accuracy: tf.Scalar;
  /** New moving statistics by variable. */
  readonly statistics: tf.NamedTensorMap;
  /** Gradients of the cross-entropy by weight. */
  readonly gradients: tf.NamedTensorMap;
}

/**
 * The first half: forward and backward.
 *
 * @param processes those whose images batch norm normalises together
 */
export function lossAndGradients(net: Network, inputs: tf.NamedTensorMap, processes?: Processes): LossAndGradients {
  const names = weightNames(net);
  const labels = inputs["labels"] as tf.Tensor1D;
  const factors = { alpha: inputs["alpha"] as tf.Tensor3D, beta: inputs["beta"] as tf.Tensor3D };
  const statistics: tf.NamedTensorMap = {};
  let logits: tf.Tensor2D | undefined;
  const loss = (...weights: tf.Tensor[]) => {
    const trained = Object.fromEntries(names.map((name, at) => [name, weights[at]!]));
    const values = { ...withoutPrefix("statistics/", inputs), ...trained };
    logits = net.logits(inputs["images"] as tf.Tensor4D, {
      training: true,
      values,
      statistics,
      factors,
      processes,
    });
    // What a differentiated function makes beside its value is disposed of when it returns, unless kept.
    [logits, ...Object.values(statistics)].forEach((tensor) => tf.keep(tensor));
    return softmaxCrossEntropy(logits, labels);
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs[`weights/${name}`]!));
  return {
    crossEntropy: value as tf.Scalar,
    accuracy: accuracy(released(logits!), labels),
    statistics: Object.fromEntries(Object.entries(statistics).map(([name, tensor]) => [name, released(tensor)])),
    gradients: Object.fromEntries(names.map((name, at) => [name, grads[at]!])),
  };
}

/**
 * Averages over the processes, by one sum of one vector of everything.
 *
 * @param synchronised whether the statistics are the same in all processes already
 */
function averaged(own: LossAndGradients, { size, allReduce }: Processes, synchronised: boolean): LossAndGradients {
  const { crossEntropy, accuracy, gradients } = own;
  const statistics = synchronised ? {} : own.statistics;
  const parts = [crossEntropy, accuracy, ...Object.values(gradients), ...Object.values(statistics)];
  const averages = unflatten(tf.mul(allReduce(flatten(parts)), 1 / size) as tf.Tensor1D, parts);
  const next = <T extends tf.Tensor>(_: T) => averages.shift() as T;
  const all = (tensors: tf.NamedTensorMap) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, next(tensor)]));
  return {
    crossEntropy: next(crossEntropy),
    accuracy: next(accuracy),
    gradients: all(gradients),
    statistics: { ...own.statistics, ...all(statistics) },
  };
}

/** A kept tensor as one that the surrounding scope disposes of. */
function released<T extends tf.Tensor>(kept: T): T {
  const tracked = tf.clone(kept);
  kept.dispose();
  return tracked;
}

/** The second half: new weights and momentum from the gradients. */
export function updated(
  net: Network,
  inputs: tf.NamedTensorMap,
  gradients: tf.NamedTensorMap,
  options: OptimizerOptions,
): tf.NamedTensorMap {
  const names = weightNames(net);
  const all = (prefix: string) => names.map((name) => inputs[prefix + name]!);
  const [weights, momentum] = [all("weights/"), all("momentum/")];
  const after = nesterovOfAll(
    weights,
    momentum,
    names.map((name) => gradients[name]!),
    inputs["learningRate"]!,
    options,
  );
  return Object.fromEntries(
    names.flatMap((name, at) => [[`weights/${name}`, after[at]!.weight], [`momentum/${name}`, after[at]!.momentum]]),
  );
}

/** The state of a run before its first step, from the initial values of the network's variables. */
export function initialState(
  net: Network,
  initial: Readonly<Record<string, InitialTensor>>,
): Record<string, InitialTensor> {
  return Object.fromEntries(
    net.variables.flatMap(({ name, kind }) => {
      const tensor = initial[name]!;
      if (kind === "statistic") return [[`statistics/${name}`, tensor]];
      const still = { shape: tensor.shape, data: new Float32Array(tensor.data.length) };
      return [[`weights/${name}`, tensor], [`momentum/${name}`, still]];
    }),
  );
}

/** Names of the variables that are trained. */
export const weightNames = ({ variables }: Network): string[] =>
  variables.filter(({ kind }) => kind === "weight").map(({ name }) => name);

export function withoutPrefix<T>(prefix: string, tensors: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

const prefixed = (prefix: string, tensors: tf.NamedTensorMap): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
