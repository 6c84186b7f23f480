/**
 * Processes that train one network together, each on an equal part of every batch.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

export interface Processes {
  /** Number of processes. */
  readonly size: number;
  /** Sums a tensor over all processes; the sum is the same in each. It has no gradient. */
  readonly allReduce: (x: tf.Tensor) => tf.Tensor;
}
