/**
 * Gradients that replace TensorFlow.js's own. Some of these are wrong; others run a kernel for each element of an axis, whose
 * size may be unknown here.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { gatherGradient } from "./gather_gradient.ts";

const corrected: readonly tf.GradConfig[] = [
  {
    // TensorFlow.js transposes the gradient along any axis but the last.
    kernelName: tf.Cumsum,
    gradFunc(dy, _, attributes) {
      const { axis, exclusive, reverse } = attributes as unknown as tf.CumsumAttrs;
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  },
  {
    // TensorFlow.js sums the gradients of statistics only if they have rank 1, and repeats statistics to the size of the batch.
    kernelName: tf.FusedBatchNorm,
    inputsToSave: ["x", "mean", "variance", "scale"],
    gradFunc(dy, saved, attributes) {
      const [x, mean, variance, scale = tf.scalar(1)] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor?];
      const { varianceEpsilon } = attributes as unknown as tf.FusedBatchNormAttrs;
      const gradient = dy as tf.Tensor, scaled = tf.mul(gradient, scale);
      const inverse = tf.rsqrt(tf.add(variance, varianceEpsilon)), difference = tf.sub(x, mean);
      const cubed = tf.mul(tf.mul(inverse, inverse), tf.mul(inverse, -0.5));
      return {
        x: () => tf.mul(scaled, inverse),
        mean: () => sumTo(tf.neg(tf.mul(scaled, inverse)), mean),
        variance: () => sumTo(tf.mul(tf.mul(scaled, difference), cubed), variance),
        scale: () => sumTo(tf.mul(gradient, tf.mul(difference, inverse)), scale),
        offset: () => sumTo(gradient, mean),
      };
    },
  },
  {
    // TensorFlow.js adds a slice for each repetition.
    kernelName: tf.Tile,
    inputsToSave: ["x"],
    gradFunc(dy, [x], attributes) {
      const { reps } = attributes as unknown as tf.TileAttrs;
      const sumRepeats = (gradient: tf.Tensor, times: number, axis: number) =>
        times === 1 ? gradient : tf.sum(
          tf.reshape(gradient, gradient.shape.toSpliced(axis, 1, times, x!.shape[axis]!)),
          axis,
        );
      return { x: () => reps.reduce(sumRepeats, dy as tf.Tensor) };
    },
  },
  gatherGradient,
  {
    // TensorFlow.js leaves out the gradients of the mirrored pixels.
    kernelName: tf.MirrorPad,
    inputsToSave: ["x"],
    gradFunc(dy, [x], attributes) {
      const { paddings, mode } = attributes as unknown as tf.MirrorPadAttrs;
      const skipped = mode === "reflect" ? 1 : 0;
      return {
        x: () =>
          paddings.reduce(
            (gradient, padding, axis) => foldBorders(gradient, x!.shape, axis, padding, skipped),
            dy as tf.Tensor,
          ),
      };
    },
  },
];

/** Sums a gradient over the axes along which a value was repeated. */
function sumTo(gradient: tf.Tensor, value: tf.Tensor): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(value.shape, gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, value.shape);
}

/** Adds the gradients of mirrored pixels along an axis to those of the pixels that they mirror. */
function foldBorders(
  gradient: tf.Tensor,
  shape: readonly number[],
  axis: number,
  [before, after]: readonly [number, number],
  skipped: number,
): tf.Tensor {
  const size = shape[axis]!;
  const part = (begin: number, length: number) =>
    tf.slice(
      gradient,
      gradient.shape.map((_, at) => at === axis ? begin : 0),
      gradient.shape.map((side, at) => at === axis ? length : side),
    );
  const mirrored = (begin: number, length: number, at: number) => {
    const paddings = gradient.shape.map((_, other): [number, number] =>
      other === axis ? [at, size - at - length] : [0, 0]
    );
    return tf.pad(tf.reverse(part(begin, length), axis), paddings);
  };
  const borders = [
    ...(before > 0 ? [mirrored(0, before, skipped)] : []),
    ...(after > 0 ? [mirrored(before + size, after, size - skipped - after)] : []),
  ];
  return borders.reduce((sum, border) => tf.add(sum, border), part(before, size));
}

/** Runs a function with these gradients in place of TensorFlow.js's. */
export function withCorrectedGradients<T>(run: () => T): T {
  const originals = corrected.map(({ kernelName }) => tf.getGradient(kernelName));
  corrected.forEach(tf.registerGradient);
  try {
    return run();
  } finally {
    originals.forEach(tf.registerGradient);
  }
}
