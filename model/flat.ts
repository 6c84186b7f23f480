/**
 * Tensors as one vector, which costs less to compute with than each of many short ones, and back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** The elements of float32 tensors, one after another. */
export const flatten = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size])));

/** The parts of such a vector, in the shapes of the tensors that it was made of. */
export const unflatten = (vector: tf.Tensor1D, tensors: readonly tf.Tensor[]): tf.Tensor[] =>
  tf.split(vector, tensors.map(({ size }) => size)).map((part, at) => tf.reshape(part, tensors[at]!.shape));
