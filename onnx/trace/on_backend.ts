import * as tf from "@tensorflow/tfjs";

/**
 * Runs synchronous code on a TensorFlow.js backend, then switches back to the previous one (the CPU, if there was none).
 *
 * A backend that is created synchronously is in use when `setBackend` returns. Waiting for its promise would let other
 * code run on the wrong backend.
 */
export function onBackend<T>(backend: string, run: () => T): T {
  const current = tf.getBackend();
  // TensorFlow.js visits the kernels of all backends at each call of setBackend, which takes longer than a small kernel.
  if (current === backend) return run();
  const previous = current ?? "cpu";
  tf.setBackend(backend);
  try {
    return run();
  } finally {
    tf.setBackend(previous);
  }
}
