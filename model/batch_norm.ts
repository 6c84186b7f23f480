/**
 * Batch norm of a training batch, with its gradient in closed form (Ioffe & Szegedy 2015).
 *
 * Per channel, over the n pixels of the batch, with s = 1 / sqrt(variance + epsilon) and x' = (x - mean) s:
 *
 *     y  = gamma x' + beta                                = x scale + shift
 *     dx = gamma s (dy - mean(dy) - x' mean(dy x'))       = (dy + (x slope + offset)) scale
 *
 * so that each direction is two sums and one scaling of the image.
 *
 * If several processes share the batch, the means are over the pixels of all of them, by one sum of a short vector in each
 * direction. With c any vector that all processes have, and m and v a process's own mean and variance, averages over the
 * processes give
 *
 *     mean     = c + average(m - c)
 *     variance = average(v + (m - c)^2) - average(m - c)^2
 *
 * (Chan, Golub & LeVeque 1983); c near the mean keeps the subtraction from losing digits.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Processes } from "./processes.ts";

export interface Normalised {
  /** [batch, height, width, channels] */
  readonly y: tf.Tensor4D;
  /** [channels], the batch's mean */
  readonly mean: tf.Tensor1D;
  /** [channels], the batch's biased variance (divided by n) */
  readonly variance: tf.Tensor1D;
}

const PIXELS = [0, 1, 2];

/**
 * Normalises a batch.
 *
 * @param x [batch, height, width, channels]
 * @param gamma [channels]
 * @param beta [channels]
 * @param epsilon added to the variance
 * @param shared the processes with the other parts of the batch; default: x is the whole batch
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  shared?: Shared,
): Normalised {
  const own = momentsOf(x);
  const { mean, variance } = shared ? sharedMoments(own, shared) : own;
  // Mean and variance are constants here: the closed form contains their share of the gradient.
  const normalise = tf.customGrad((...args) => {
    const [x, gamma, beta, save] = args as unknown as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc];
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const scale = tf.mul(gamma, inverse);
    save([x, mean, inverse, scale]);
    return {
      value: tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale))),
      gradFunc: gradients(shared?.processes),
    };
  });
  return { y: normalise(x, gamma, beta) as tf.Tensor4D, mean, variance };
}

/** Computes the gradients of x, gamma and beta; with processes, gamma's and beta's cover this process's part alone. */
const gradients = (processes?: Processes) => (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
  const [x, mean, inverse, scale] = saved as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
  const share = -mean.size / x.size;
  const dBeta = tf.sum<tf.Tensor1D>(dy, PIXELS);
  const dGamma = tf.mul(tf.sub(tf.sum(tf.mul(dy, x), PIXELS), tf.mul(dBeta, mean)), inverse) as tf.Tensor1D;
  const [sumDyX, sumDy] = processes ? averages([dGamma, dBeta], processes) : [dGamma, dBeta];
  const slope = tf.mul(inverse, tf.mul(sumDyX!, share));
  const offset = tf.sub(tf.mul(sumDy!, share), tf.mul(slope, mean));
  // Slope and offset are added first: their sum is small, because the mean cancels.
  return [tf.mul(tf.add(dy, tf.add(tf.mul(x, slope), offset)), scale), dGamma, dBeta];
};

/** The processes that share a batch. */
export interface Shared {
  readonly processes: Processes;
  /** [channels], a vector near the mean, equal in all processes. */
  readonly center: tf.Tensor1D;
}

type Moments = Omit<Normalised, "y">;

function momentsOf(x: tf.Tensor4D): Moments {
  const mean = tf.mean<tf.Tensor1D>(x, PIXELS);
  return { mean, variance: tf.mean<tf.Tensor1D>(tf.squaredDifference(x, mean), PIXELS) };
}

function sharedMoments({ mean, variance }: Moments, { processes, center }: Shared): Moments {
  const distance = tf.sub<tf.Tensor1D>(mean, center);
  const [shift, square] = averages([distance, tf.add(variance, tf.square(distance))], processes);
  return { mean: tf.add(center, shift!), variance: tf.sub(square!, tf.square(shift!)) };
}

/** Averages vectors over the processes, by one sum. */
function averages(vectors: readonly tf.Tensor1D[], { size, allReduce }: Processes): tf.Tensor1D[] {
  const sum = allReduce(tf.concat1d([...vectors])) as tf.Tensor1D;
  return tf.split(tf.mul(sum, 1 / size), vectors.length);
}
