/**
 * Joins tensors into one vector and splits it again: one operation on it is faster than one on each of many short tensors.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Joins the elements of float32 tensors, one tensor after the other. */
export const flatten = (tensors: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [tensor.size])));

/** Splits a vector of {@linkcode flatten} into tensors of the original shapes. */
export const unflatten = (vector: tf.Tensor1D, tensors: readonly tf.Tensor[]): tf.Tensor[] =>
  tf.split(vector, tensors.map(({ size }) => size)).map((part, at) => tf.reshape(part, tensors[at]!.shape));

/** Elements up to which tensors are joined: those of batch norm, most of a network's. */
const SHORT = 1024;

/**
 * Applies an elementwise function to the tensors at each place of several lists. Short tensors of one group go through it
 * together, as one vector.
 *
 * @param lists every list has tensors of the same shapes
 * @param apply takes one tensor of each list, and the group
 * @param groupOf the group of a place, told apart by identity; default: one for all
 * @returns the results of each place
 */
export function elementwise<Group = undefined>(
  lists: readonly (readonly tf.Tensor[])[],
  apply: (tensors: readonly tf.Tensor[], group: Group) => readonly tf.Tensor[],
  groupOf: (at: number) => Group = () => undefined as Group,
): (readonly tf.Tensor[])[] {
  const [shapes = []] = lists;
  const results: (readonly tf.Tensor[])[] = [];
  const short = Map.groupBy(shapes.keys().filter((at) => shapes[at]!.size <= SHORT), groupOf);
  for (const [group, places] of short) {
    const like = places.map((at) => shapes[at]!);
    const joined = apply(lists.map((list) => flatten(places.map((at) => list[at]!))), group);
    const parts = joined.map((vector) => unflatten(vector as tf.Tensor1D, like));
    places.forEach((place, at) => results[place] = parts.map((part) => part[at]!));
  }
  return shapes.map((_, at) => results[at] ?? apply(lists.map((list) => list[at]!), groupOf(at)));
}
