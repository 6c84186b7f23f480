/**
 * Gradients in which TensorFlow.js is wrong, and what is right.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

const corrected: readonly tf.GradConfig[] = [
  {
    // TensorFlow.js transposes the gradient along any axis but the last.
    kernelName: tf.Cumsum,
    gradFunc(dy, _, attributes) {
      const { axis, exclusive, reverse } = attributes as unknown as tf.CumsumAttrs;
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  },
];

/** Runs a function, in which TensorFlow.js derives the right gradients. */
export function withCorrectedGradients<T>(run: () => T): T {
  const originals = corrected.map(({ kernelName }) => tf.getGradient(kernelName));
  corrected.forEach(tf.registerGradient);
  try {
    return run();
  } finally {
    originals.forEach(tf.registerGradient);
  }
}
