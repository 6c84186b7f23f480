import * as tf from "@tensorflow/tfjs";

/**
 * Runs synchronous code whose kernels TensorFlow.js does not measure. In its debug mode, and inside `tf.profile`, it waits for
 * the elements of every result, which traced ones lack.
 */
export function withoutProfiling<T>(run: () => T): T {
  const flags = tf.env().getFlags(), { state } = tf.engine(), isDebugging = tf.env().getBool("DEBUG");
  const { profiling } = state;
  // To set the flag by its own method prints a warning each time that it is switched on again.
  flags["DEBUG"] = false;
  state.profiling = false;
  try {
    return run();
  } finally {
    flags["DEBUG"] = isDebugging;
    state.profiling = profiling;
  }
}
