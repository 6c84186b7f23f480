/**
 * The loss that training minimises, and the accuracy that it reports.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Computes the mean over the batch of -sum over the classes of target * log softmax(logits).
 *
 * @param logits [batch, classes]
 * @param targets [batch, classes], the share of each class; over the classes they sum to 1
 */
export const softCrossEntropy = (logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar =>
  tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), 1)));

/**
 * Returns labels as targets, [batch, classes]: 1 for the label, 0 for every other class.
 *
 * @param labels int32 [batch], 0 to classes - 1
 */
export const oneHot = (labels: tf.Tensor1D, classes: number): tf.Tensor2D =>
  tf.oneHot(labels, classes, 1, 0, "float32") as tf.Tensor2D;

/**
 * Label smoothing: each class takes an equal part of a share of the target (Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2016,
 * section 7).
 *
 * @param targets [batch, classes]
 * @param share 0 to 1
 */
export const smoothed = (targets: tf.Tensor2D, share: number): tf.Tensor2D =>
  share === 0 ? targets : tf.add(tf.mul(targets, 1 - share), share / targets.shape[1]);

/**
 * Weighs the images of a batch by their classes: multiplies each row of targets by the weight of its image.
 *
 * @param targets [batch, classes], smoothed or not
 * @param shares [batch, classes], the share of each class in an image; of an image of one class, 1 for its label
 * @param weights one number for each class
 */
export const weighted = (targets: tf.Tensor2D, shares: tf.Tensor2D, weights: readonly number[]): tf.Tensor2D =>
  tf.mul(targets, tf.sum(tf.mul(shares, tf.tensor1d([...weights])), 1, true));

/**
 * Computes the share of the batch whose largest logit is the label's, a scalar of 0 to 1.
 *
 * @param logits [batch, classes]
 * @param labels int32 [batch], 0 to classes - 1
 */
export function accuracy(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Scalar {
  return tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32"));
}

/** Computes the sum of ||w||^2 / 2 over all weights. */
export function l2Loss(weights: readonly tf.Tensor[]): tf.Scalar {
  return tf.mul(tf.addN(weights.map((weight) => tf.sum(tf.square(weight)))), 0.5);
}
