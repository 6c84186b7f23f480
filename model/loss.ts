/**
 * What training minimises, and what it reports.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Mean over the batch of -log softmax(logits)[label].
 *
 * @param logits [batch, classes]
 * @param labels int32 [batch], 0 to classes - 1
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  const target = tf.oneHot(labels, logits.shape[1], 1, 0, "float32");
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), target), 1)));
}

/** The share of the batch whose largest logit is the label's. */
export function accuracy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32"));
}

/** The sum of ||w||^2 / 2 over all weights. */
export function l2Loss(weights: readonly tf.Tensor[]): tf.Scalar {
  return tf.mul(tf.addN(weights.map((weight) => tf.sum(tf.square(weight)))), 0.5);
}
