/**
 * Stochastic gradient descent with Nesterov momentum, as TensorFlow's MomentumOptimizer(use_nesterov=True) does it:
 *
 *     m <- mu m + g
 *     w <- w - rate (g + mu m)
 *
 * where g is the loss's gradient plus that of the weight decay, lambda ||w||^2 / 2, which is lambda w.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { flatten, unflatten } from "./flat.ts";

export interface OptimizerOptions {
  /** mu, 0 <= mu < 1. */
  readonly momentum: number;
  /** lambda, >= 0; it acts on all weights. */
  readonly weightDecay: number;
}

export interface Updated {
  readonly weight: tf.Tensor;
  readonly momentum: tf.Tensor;
}

/** One step of one weight; all tensors but the rate, a scalar, have its shape. */
export function nesterov(
  weight: tf.Tensor,
  momentum: tf.Tensor,
  gradient: tf.Tensor,
  learningRate: tf.Tensor,
  { momentum: mu, weightDecay }: OptimizerOptions,
): Updated {
  const decayed = tf.add(gradient, tf.mul(weight, weightDecay));
  const moved = tf.add(tf.mul(momentum, mu), decayed);
  return { momentum: moved, weight: tf.sub(weight, tf.mul(learningRate, tf.add(decayed, tf.mul(moved, mu)))) };
}

/** Elements up to which weights are moved as one vector: those of batch norm, most of a network's. */
const SHORT = 1024;

/** One step of every weight, in the order of the weights. */
export function nesterovOfAll(
  weights: readonly tf.Tensor[],
  momenta: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  learningRate: tf.Tensor,
  options: OptimizerOptions,
): Updated[] {
  const isShort = weights.map(({ size }) => size <= SHORT);
  const short = (tensors: readonly tf.Tensor[]) => tensors.filter((_, at) => isShort[at]);
  const [few, fewMomenta, fewGradients] = [weights, momenta, gradients].map(short) as [
    tf.Tensor[],
    tf.Tensor[],
    tf.Tensor[],
  ];
  const parts: Updated[] = [];
  if (few.length > 0) {
    const after = nesterov(flatten(few), flatten(fewMomenta), flatten(fewGradients), learningRate, options);
    const moved = unflatten(after.momentum as tf.Tensor1D, few);
    unflatten(after.weight as tf.Tensor1D, few).forEach((weight, at) => parts.push({ weight, momentum: moved[at]! }));
  }
  let next = 0;
  return weights.map((weight, at) =>
    isShort[at] ? parts[next++]! : nesterov(weight, momenta[at]!, gradients[at]!, learningRate, options)
  );
}
