/**
 * Gradients of bounded length (Pascanu, Mikolov & Bengio 2013, section 3.2).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** The length of all gradients as one vector. */
export const globalNorm = (gradients: readonly tf.Tensor[]): tf.Scalar =>
  tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))));

/**
 * The gradients, all multiplied by one factor that brings their global norm down to `most` where it is greater: the factor
 * is most / max(norm, most), as TensorFlow's `clip_by_global_norm` has it.
 *
 * @param most above 0
 */
export function clipped(gradients: tf.NamedTensorMap, most: number): tf.NamedTensorMap {
  const factor = tf.div(most, tf.maximum(globalNorm(Object.values(gradients)), most));
  return Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.mul(gradient, factor)]));
}
