/**
 * Batch norm of a training batch, with its gradient in closed form (Ioffe & Szegedy 2015).
 *
 * Per channel, over the n pixels of the batch, with s = 1 / sqrt(variance + epsilon) and x' = (x - mean) s:
 *
 *     y  = gamma x' + beta                                = x scale + shift
 *     dx = gamma s (dy - mean(dy) - x' mean(dy x'))       = dy scale + x slope + offset
 *
 * so that each direction is two sums and one scaling of the image, whatever derives the rest.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

export interface Normalised {
  /** [batch, height, width, channels] */
  readonly y: tf.Tensor4D;
  /** [channels], of the batch */
  readonly mean: tf.Tensor1D;
  /** [channels], of the batch, biased (divided by n) */
  readonly variance: tf.Tensor1D;
}

const PIXELS = [0, 1, 2];

/**
 * @param x [batch, height, width, channels]
 * @param gamma [channels]
 * @param beta [channels]
 * @param epsilon added to the variance
 */
export function batchNormTraining(x: tf.Tensor4D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): Normalised {
  const mean = tf.mean<tf.Tensor1D>(x, PIXELS);
  const variance = tf.mean<tf.Tensor1D>(tf.squaredDifference(x, mean), PIXELS);
  // Mean and variance come from outside: their share of the gradient is in the closed form.
  const normalise = tf.customGrad((...args) => {
    const [x, gamma, beta, save] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const scale = tf.mul(gamma, inverse);
    save([x, mean, inverse, scale]);
    return { value: tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale))), gradFunc: gradients };
  });
  return { y: normalise(x, gamma, beta) as tf.Tensor4D, mean, variance };
}

/** Gradients of x, gamma and beta. */
function gradients(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [x, mean, inverse, scale] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const share = -mean.size / x.size;
  const dBeta = tf.sum(dy, PIXELS);
  const dGamma = tf.mul(tf.sub(tf.sum(tf.mul(dy, x), PIXELS), tf.mul(dBeta, mean)), inverse);
  const slope = tf.mul(tf.mul(scale, inverse), tf.mul(dGamma, share));
  const offset = tf.sub(tf.mul(tf.mul(scale, dBeta), share), tf.mul(slope, mean));
  return [tf.add(tf.add(tf.mul(dy, scale), tf.mul(x, slope)), offset), dGamma, dBeta];
}
