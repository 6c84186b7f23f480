/**
 * The gradient of `tf.gather` in batches, as one sum of segments: the n-th part of batch b is segment b N + n. TensorFlow.js sums
 * those of each batch by itself, and only of one batch dimension.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Replaces TensorFlow.js's gradient where a gather has batch dimensions. */
export const gatherGradient: tf.GradConfig = {
  kernelName: tf.GatherV2,
  inputsToSave: ["x", "indices"],
  gradFunc(dy, saved, attributes) {
    const { axis, batchDims: given = 0 } = attributes as unknown as tf.GatherV2Attrs;
    if (given === 0) return original.gradFunc(dy, saved, attributes);
    const [x, indices] = saved as [tf.Tensor, tf.Tensor], batchDims = given < 0 ? given + indices.rank : given;
    const [at] = tf.util.parseAxisParam(axis, x.shape) as [number];
    return {
      x: () => batchedGradient(dy as tf.Tensor, x, indices, at, batchDims),
      indices: () => indices,
    };
  },
};

/** TensorFlow.js registers its gradients before this file runs. */
const original = tf.getGradient(tf.GatherV2);

/** x is [batch, outer, N, inner], the indices are [batch, I], and dy is [batch, outer, I, inner]. */
function batchedGradient(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const size = x.shape[axis]!, chosen = indices.rank - batchDims;
  const batches = tf.util.sizeFromShape(x.shape.slice(0, batchDims));
  const places = Array.from({ length: dy.rank }, (_, at) => at);
  const toFront = [
    ...places.slice(0, batchDims),
    ...places.slice(axis, axis + chosen),
    ...places.slice(batchDims, axis),
    ...places.slice(axis + chosen),
  ];
  const rest = x.shape.toSpliced(axis, 1).slice(batchDims);
  const rows = tf.reshape(tf.transpose(dy, toFront), [-1, ...rest]);
  const first = tf.mul(tf.range(0, batches, 1, "int32"), tf.scalar(size, "int32"));
  const segments = tf.add(tf.reshape(indices, [batches, -1]), tf.expandDims(first, 1));
  const sums = tf.unsortedSegmentSum(rows, tf.reshape(segments, [-1]) as tf.Tensor1D, batches * size);
  const parts = tf.reshape(sums, [...x.shape.slice(0, batchDims), size, ...rest]);
  const order = x.shape.map((_, at) => at);
  return tf.transpose(parts, [
    ...order.slice(0, batchDims),
    ...order.slice(batchDims + 1, axis + 1),
    batchDims,
    ...order.slice(axis + 1),
  ]);
}
