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
import { elementwise } from "./flat.ts";
import { asAll, type Treatment } from "./weight_treatment.ts";

export interface OptimizerOptions {
  /** mu, 0 <= mu < 1. */
  readonly momentum: number;
  /** lambda, >= 0; it acts on all weights unless they are treated otherwise. */
  readonly weightDecay: number;
}

export interface Updated {
  readonly weight: tf.Tensor;
  readonly momentum: tf.Tensor;
}

/** Updates one weight. The rate is a scalar; all other tensors have the weight's shape. */
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

/** Updates every weight, in the order of the weights. */
export function nesterovOfAll(
  weights: readonly tf.Tensor[],
  momenta: readonly tf.Tensor[],
  gradients: readonly tf.Tensor[],
  learningRate: tf.Tensor,
  options: OptimizerOptions,
  treatmentOf: (at: number) => Treatment = () => asAll,
): Updated[] {
  const after = elementwise([weights, momenta, gradients], ([weight, momentum, gradient], { rate, decay }) => {
    // A frozen weight needs no gradient, so a tracer leaves out what derives it.
    if (rate === 0) return [momentum!, weight!];
    const own = rate === 1 ? learningRate : tf.mul(learningRate, rate);
    const weightDecay = options.weightDecay * decay;
    const updated = nesterov(weight!, momentum!, gradient!, own, { ...options, weightDecay });
    return [updated.momentum, updated.weight];
  }, treatmentOf);
  return after.map(([momentum, weight]) => ({ weight: weight!, momentum: momentum! }));
}
