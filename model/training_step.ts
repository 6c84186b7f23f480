/**
 * The training step as one pure function, (state, batch, factors, rate) -> (state', metrics), and its two halves.
 *
 * State is named `weights/<variable>`, `momentum/<variable>` and `statistics/<variable>`, an average of it
 * `average/weights/<variable>` and `average/statistics/<variable>`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { AveragingName } from "./averaging.ts";
import { flatten, unflatten } from "./flat.ts";
import { type Freeze, isFrozen } from "./freezing.ts";
import { clipped } from "./gradient_clipping.ts";
import type { InitialTensor } from "./initialise.ts";
import type { Variable } from "./layers.ts";
import { accuracy, l2Loss, oneHot, smoothed, softCrossEntropy, weighted } from "./loss.ts";
import { nesterovOfAll, type OptimizerOptions } from "./optimizer.ts";
import type { Network } from "./network.ts";
import type { Processes } from "./processes.ts";
import { initialAverage, withAverage } from "./weight_average.ts";
import { type TreatmentOptions, treatments } from "./weight_treatment.ts";

/** A function of named tensors to named tensors. */
export type Step = (inputs: tf.NamedTensorMap) => tf.NamedTensorMap;

export interface StepOptions extends OptimizerOptions {
  /**
   * The processes that share each batch. `images`, `labels`, `alpha` and `beta` are then a process's own equal part; the
   * outputs cover the whole batch and are the same in all processes. Default: this process has the whole batch.
   */
  readonly processes?: Processes | undefined;
  /**
   * Batch norm normalises over the whole batch, so that the step equals that of a single process. Otherwise each process
   * normalises its own part, and the moving statistics are the processes' average. Default true.
   */
  readonly syncBatchNorm?: boolean;
  /** The share of each target that all classes take equal parts of, 0 to 1; default: 0. */
  readonly labelSmoothing?: number;
  /** The weight of an image of each class in the loss; default: all images count alike. */
  readonly classWeights?: readonly number[] | undefined;
  /** The greatest global norm of the gradients of the cross-entropy; default: they are as they are. */
  readonly clipNorm?: number | undefined;
  /** Weights that are treated otherwise than the others; default: none. */
  readonly treatment?: TreatmentOptions;
  /** Share of the moving statistics of batch norm that a step keeps, 0 to below 1; default: 0.9. */
  readonly statisticsMomentum?: number | undefined;
  /** The last part of the network that keeps its weights and statistics, with all before it; default: none. */
  readonly freeze?: Freeze;
  /** An average of weights and statistics that is a part of the state; default: none. */
  readonly averaging?: AveragingName;
}

/**
 * Returns the step. Inputs: the state; `images` [batch, height, width, 3], normalised; `labels` int32 [batch], and for mixed
 * images `targets` [batch, classes]; `alpha` and `beta` [blocks, branches, batch]; `learningRate`, a scalar; with averaging the
 * scalar `averageKeep`, with lookahead `averagePull` too. Outputs: the new state under the same names; scalars `loss`
 * (cross-entropy and weight decay, before the update) and `accuracy` on the batch.
 */
export function trainingStep(net: Network, options: StepOptions): Step {
  const { processes, syncBatchNorm = true, clipNorm, averaging = "none" } = options;
  const decayed = decayedWeights(net, options).map(({ name }) => `weights/${name}`);
  return (inputs) => {
    const own = lossAndGradients(net, inputs, { ...options, processes: syncBatchNorm ? processes : undefined });
    const { crossEntropy, accuracy, statistics, gradients } = processes ? averaged(own, processes, syncBatchNorm) : own;
    const loss = tf.add(crossEntropy, tf.mul(l2Loss(decayed.map((name) => inputs[name]!)), options.weightDecay));
    const used = clipNorm === undefined ? gradients : clipped(gradients, clipNorm);
    const after = {
      ...updated(net, inputs, used, options),
      ...prefixed("statistics/", statistics),
      ...frozenState(net, inputs, options.freeze),
    };
    return { ...(averaging === "none" ? after : withAverage(inputs, after)), loss, accuracy };
  };
}

export interface LossAndGradients {
  /** The mean over the batch, a scalar. */
  readonly crossEntropy: tf.Scalar;
  /** The accuracy on the batch, a scalar. */
  readonly accuracy: tf.Scalar;
  /** The new moving statistics by variable. */
  readonly statistics: tf.NamedTensorMap;
  /** The gradients of the cross-entropy by weight that is not frozen. */
  readonly gradients: tf.NamedTensorMap;
}

/**
 * Computes the first half of the step: forward and backward.
 *
 * @param options those of the step; `processes` are those whose images batch norm normalises together
 */
export function lossAndGradients(
  net: Network,
  inputs: tf.NamedTensorMap,
  { processes, labelSmoothing = 0, classWeights, statisticsMomentum, freeze = "none" }: Pick<
    StepOptions,
    "processes" | "labelSmoothing" | "classWeights" | "statisticsMomentum" | "freeze"
  > = {},
): LossAndGradients {
  const names = trainedWeights(net, freeze).map(({ name }) => name);
  const labels = inputs["labels"] as tf.Tensor1D;
  const targetsOf = () => (inputs["targets"] as tf.Tensor2D | undefined) ?? oneHot(labels, net.classes);
  const factors = { alpha: inputs["alpha"] as tf.Tensor3D, beta: inputs["beta"] as tf.Tensor3D };
  const statistics: tf.NamedTensorMap = {};
  let logits: tf.Tensor2D | undefined;
  const loss = (...weights: tf.Tensor[]) => {
    const trained = Object.fromEntries(names.map((name, at) => [name, weights[at]!]));
    const values = { ...withoutPrefix("weights/", inputs), ...withoutPrefix("statistics/", inputs), ...trained };
    logits = net.logits(inputs["images"] as tf.Tensor4D, {
      training: true,
      values,
      statistics,
      factors,
      processes,
      statisticsMomentum,
      isFrozen: (name) => isFrozen(name, freeze),
    });
    // TensorFlow.js disposes of all other results of a differentiated function when it returns, unless they are kept.
    [logits, ...Object.values(statistics)].forEach((tensor) => tf.keep(tensor));
    const shares = targetsOf(), targets = smoothed(shares, labelSmoothing);
    return softCrossEntropy(logits, classWeights ? weighted(targets, shares, classWeights) : targets);
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
 * Averages over the processes, by one sum of one vector.
 *
 * @param synchronised the statistics are already the same in all processes
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

/** Hands a kept tensor to the surrounding scope, which disposes of it. */
function released<T extends tf.Tensor>(kept: T): T {
  const tracked = tf.clone(kept);
  kept.dispose();
  return tracked;
}

/** Computes the second half of the step: new weights and momentum from the gradients. */
export function updated(
  net: Network,
  inputs: tf.NamedTensorMap,
  gradients: tf.NamedTensorMap,
  options: OptimizerOptions & Pick<StepOptions, "treatment" | "freeze">,
): tf.NamedTensorMap {
  const names = trainedWeights(net, options.freeze).map(({ name }) => name);
  const treatmentsOf = treatmentsOfAll(net, options);
  const all = (prefix: string) => names.map((name) => inputs[prefix + name]!);
  const [weights, momentum] = [all("weights/"), all("momentum/")];
  const after = nesterovOfAll(
    weights,
    momentum,
    names.map((name) => gradients[name]!),
    inputs["learningRate"]!,
    options,
    treatmentsOf && ((at) => treatmentsOf[at]!),
  );
  return Object.fromEntries(
    names.flatMap((name, at) => [[`weights/${name}`, after[at]!.weight], [`momentum/${name}`, after[at]!.momentum]]),
  );
}

/** Returns the state of the frozen variables, as a step receives it. */
const frozenState = (net: Network, inputs: tf.NamedTensorMap, freeze: Freeze = "none"): tf.NamedTensorMap =>
  Object.fromEntries(
    net.variables.filter(({ name }) => isFrozen(name, freeze)).flatMap(({ name, kind }) =>
      kind === "statistic" ? [`statistics/${name}`] : [`weights/${name}`, `momentum/${name}`]
    ).map((name) => [name, inputs[name]!]),
  );

/** Returns the weights that a step changes. */
const trainedWeights = (net: Network, freeze: Freeze = "none"): Variable[] =>
  weightsOf(net).filter(({ name }) => !isFrozen(name, freeze));

/** Returns the treatment of each weight that a step changes, in their order, if any weight has one. */
function treatmentsOfAll(net: Network, { treatment, freeze }: Pick<StepOptions, "treatment" | "freeze">) {
  return treatment && trainedWeights(net, freeze).map(treatments(treatment));
}

/** Returns the weights that the weight decay acts on. */
function decayedWeights(net: Network, options: Pick<StepOptions, "treatment" | "freeze">): Variable[] {
  const treated = treatmentsOfAll(net, options);
  return trainedWeights(net, options.freeze).filter((_, at) => !treated || treated[at]!.decay > 0);
}

/**
 * Returns the state before the first step, from the initial values of the network's variables.
 *
 * @param averaging the average that the state includes; default: none
 */
export function initialState(
  net: Network,
  initial: Readonly<Record<string, InitialTensor>>,
  averaging: AveragingName = "none",
): Record<string, InitialTensor> {
  const state = stateWithoutAverage(net, initial);
  return averaging === "none" ? state : { ...state, ...initialAverage(state) };
}

function stateWithoutAverage(
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

/** Returns the names of the trained variables. */
export const weightNames = (net: Network): string[] => weightsOf(net).map(({ name }) => name);

const weightsOf = ({ variables }: Network): Variable[] => variables.filter(({ kind }) => kind === "weight");

/** Selects the tensors whose names have a prefix, and removes it. */
export function withoutPrefix<T>(prefix: string, tensors: Readonly<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

const prefixed = (prefix: string, tensors: tf.NamedTensorMap): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));
