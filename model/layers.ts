/**
 * Layers: their variables and their application. A layer is data and a pure function; a network is nested layers.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { batchNormTraining } from "./batch_norm.ts";
import { STATISTICS_MOMENTUM } from "./network_choices.ts";
import type { Processes } from "./processes.ts";

/** Initial value of a variable. */
export type Initial =
  /** Uniform in +-sqrt(6 / (fanIn + fanOut)) (Glorot & Bengio 2010). */
  | { readonly type: "glorotUniform"; readonly fanIn: number; readonly fanOut: number }
  | { readonly type: "constant"; readonly value: number };

/** A variable. A weight is trained by its gradient; a statistic follows the batches. */
export interface Variable {
  readonly name: string;
  readonly kind: "weight" | "statistic";
  readonly shape: readonly number[];
  readonly initial: Initial;
}

/** Inputs and results of one application of a network. */
export interface Pass {
  /** Batch norm uses the statistics of the batch; otherwise its moving statistics. */
  readonly training: boolean;
  /** Weights and statistics by name. */
  readonly values: tf.NamedTensorMap;
  /** The moving statistics after this pass, by name; training fills them in. */
  readonly statistics: tf.NamedTensorMap;
  /** Factors of the branches, [blocks, branches, batch]; without them every factor is 1/branches. */
  readonly factors?: { readonly alpha: tf.Tensor3D; readonly beta: tf.Tensor3D };
  /** The processes whose images batch norm normalises together in training; default: this process alone. */
  readonly processes?: Processes | undefined;
  /** Share of a moving statistic that training keeps, 0 to below 1; default: {@linkcode STATISTICS_MOMENTUM}. */
  readonly statisticsMomentum?: number | undefined;
  /** Tells if a layer's variable keeps its value: then its batch norm uses the moving statistics in training too. */
  readonly isFrozen?: ((variable: string) => boolean) | undefined;
  /** Receives the outputs of the branches of every block, before they are summed. */
  readonly observe?: (block: number, branches: readonly tf.Tensor4D[]) => void;
}

/** Images are [batch, height, width, channels]. */
export interface Layer {
  readonly variables: readonly Variable[];
  apply(x: tf.Tensor4D, pass: Pass): tf.Tensor4D;
}

/** Epsilon of batch norm. */
export const EPSILON = 1e-5;

export const relu: Layer = { variables: [], apply: (x) => tf.relu(x) };

/** Applies one layer after the other. */
export function sequential(...layers: readonly Layer[]): Layer {
  return {
    variables: layers.flatMap(({ variables }) => variables),
    apply: (x, pass) => layers.reduce((x, layer) => layer.apply(x, pass), x),
  };
}

/** A convolution of `size` x `size` pixels without bias, with TensorFlow's SAME padding: an odd pixel goes to the end. */
export function conv2d(name: string, size: number, inFilters: number, filters: number, stride = 1): Layer {
  const area = size * size;
  const kernel: Variable = {
    name: `${name}/kernel`,
    kind: "weight",
    shape: [size, size, inFilters, filters],
    initial: { type: "glorotUniform", fanIn: area * inFilters, fanOut: area * filters },
  };
  return {
    variables: [kernel],
    apply: (x, { values }) => tf.conv2d(x, values[kernel.name] as tf.Tensor4D, stride, "same"),
  };
}

/**
 * A convolution whose filters, in groups of equal size, each see their own group of the input's filters (Krizhevsky,
 * Sutskever & Hinton 2012).
 *
 * @throws {RangeError} if the groups do not divide the filters
 */
export function groupedConv2d(
  name: string,
  size: number,
  inFilters: number,
  filters: number,
  groups: number,
  stride = 1,
): Layer {
  if (inFilters % groups !== 0 || filters % groups !== 0) {
    throw new RangeError(`${name}: ${groups} groups do not divide ${inFilters} and ${filters} filters`);
  }
  const area = size * size, perGroup = inFilters / groups;
  const kernel: Variable = {
    name: `${name}/kernel`,
    kind: "weight",
    shape: [size, size, perGroup, filters],
    initial: { type: "glorotUniform", fanIn: area * perGroup, fanOut: area * filters / groups },
  };
  return {
    variables: [kernel],
    apply: (x, { values }) => groupedConvolution(x, values[kernel.name] as tf.Tensor4D, groups, stride),
  };
}

/**
 * Applies a grouped convolution.
 *
 * @param kernel [height, width, input filters of a group, filters of all groups]
 */
export function groupedConvolution(x: tf.Tensor4D, kernel: tf.Tensor4D, groups: number, stride: number): tf.Tensor4D {
  const kernels = tf.split<tf.Tensor4D>(kernel, groups, 3), parts = tf.split<tf.Tensor4D>(x, groups, 3);
  return tf.concat4d(parts.map((part, at) => tf.conv2d<tf.Tensor4D>(part, kernels[at]!, stride, "same")), 3);
}

/** A number added to every pixel of a filter, initially 0; it replaces batch norm in networks without it. */
export function bias(name: string, filters: number): Layer {
  const beta: Variable = {
    name: `${name}/beta`,
    kind: "weight",
    shape: [filters],
    initial: { type: "constant", value: 0 },
  };
  return { variables: [beta], apply: (x, { values }) => tf.add(x, values[beta.name]!) };
}

/**
 * Batch norm (Ioffe & Szegedy 2015). The moving variance takes the unbiased variance of the batch, as TensorFlow's fused
 * batch norm does.
 */
export function batchNorm(name: string, filters: number): Layer {
  const variable = (part: string, kind: Variable["kind"], value: number): Variable => ({
    name: `${name}/${part}`,
    kind,
    shape: [filters],
    initial: { type: "constant", value },
  });
  const gamma = variable("gamma", "weight", 1), beta = variable("beta", "weight", 0);
  const movingMean = variable("movingMean", "statistic", 0),
    movingVariance = variable("movingVariance", "statistic", 1);
  return {
    variables: [gamma, beta, movingMean, movingVariance],
    apply(x, { training, values, statistics, processes, statisticsMomentum = STATISTICS_MOMENTUM, isFrozen }) {
      const valueOf = ({ name }: Variable) => values[name] as tf.Tensor1D;
      if (!training || isFrozen?.(movingMean.name)) {
        const scale = tf.mul(valueOf(gamma), tf.rsqrt(tf.add(valueOf(movingVariance), EPSILON)));
        return tf.add(tf.mul(x, scale), tf.sub(valueOf(beta), tf.mul(valueOf(movingMean), scale)));
      }
      const shared = processes && { processes, center: valueOf(movingMean) };
      const { y, mean, variance } = batchNormTraining(x, valueOf(gamma), valueOf(beta), EPSILON, shared);
      const count = x.shape[0] * x.shape[1] * x.shape[2] * (processes?.size ?? 1);
      const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
      statistics[movingMean.name] = moved(valueOf(movingMean), mean, statisticsMomentum);
      statistics[movingVariance.name] = moved(valueOf(movingVariance), unbiased, statisticsMomentum);
      return y;
    },
  };
}

const moved = (moving: tf.Tensor, current: tf.Tensor, momentum: number) =>
  tf.add(tf.mul(moving, momentum), tf.mul(current, 1 - momentum));
