/**
 * Global settings of the libraries, all of them. Each function takes the library or sets the environment that it reads
 * when it is loaded, so that no library is loaded only to be set up.
 *
 * @module
 */
import type * as onnxruntime from "onnxruntime-node";

/** Turns off TensorFlow.js's checks, which read every result back, and its greeting. */
export function configureTensorFlowJs(tf: { enableProdMode(): void }): void {
  tf.enableProdMode();
}

/** Turns off onnxruntime's own messages: its errors arrive as exceptions. */
export function configureOnnxruntime({ env }: Pick<typeof onnxruntime, "env">): void {
  env.logLevel = "fatal";
}

/**
 * Levels from which a session of onnxruntime writes to standard error. A session that only tests a device may fail: its
 * exception is the answer, and nothing is printed.
 */
export const SESSION_LOG = { errors: 3, fatal: 4 } as const;

/**
 * Makes NVIDIA's libraries compute float32 in full. They round the factors of products and convolutions to 10 bits (TF32)
 * otherwise, and read this variable when they are loaded. A user who sets it to 1 gets TF32.
 */
export function computeInFullPrecision(): void {
  setUnlessGiven("NVIDIA_TF32_OVERRIDE", "0");
}

/** Makes TensorFlow's native library print warnings and errors, without its greeting. */
export function quietenTensorFlow(): void {
  setUnlessGiven("TF_CPP_MIN_LOG_LEVEL", "1");
}

function setUnlessGiven(variable: string, value: string): void {
  if (Deno.env.get(variable) === undefined) Deno.env.set(variable, value);
}
