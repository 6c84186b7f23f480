/**
 * Processes that train one network together, each on an equal part of every batch.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

export interface Processes {
  /** How many there are. */
  readonly size: number;
  /** The sum of a tensor over all of them, the same in each. It has no gradient. */
  readonly allReduce: (x: tf.Tensor) => tf.Tensor;
}
