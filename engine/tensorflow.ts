/**
 * Loads TensorFlow's native library, which `@tensorflow/tfjs-node-gpu` binds to.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import util from "node:util";

export type TensorFlow =
  | { readonly loaded: true; readonly gpu: boolean; readonly description: string }
  | { readonly loaded: false; readonly why: string };

/** Registers the TensorFlow.js backend `tensorflow`, if its native library is installed. */
export async function loadTensorFlow(): Promise<TensorFlow> {
  // The package's last release calls a function that runtimes have since removed.
  (util as unknown as Record<string, unknown>)["isNullOrUndefined"] ??= (x: unknown) => x === null || x === undefined;
  const previous = tf.getBackend();
  try {
    const { version } = await import("@tensorflow/tfjs-node-gpu");
    const backend = tf.findBackend("tensorflow") as tf.KernelBackend & { isUsingGpuDevice: boolean };
    const gpu = backend.isUsingGpuDevice;
    return {
      loaded: true,
      gpu,
      description: `TensorFlow (tfjs-node-gpu ${version["tfjs-node"]}) on the ${gpu ? "GPU" : "CPU"}`,
    };
  } catch (error) {
    const first = String(error instanceof Error ? error.message : error).trim().split("\n")[0];
    return {
      loaded: false,
      why:
        `engine tensorflow cannot be used: the native library of @tensorflow/tfjs-node-gpu does not load (${first}); ` +
        "install it with `deno install --allow-scripts=npm:@tensorflow/tfjs-node-gpu`, or use --engine onnxruntime",
    };
  } finally {
    // The package makes itself the default backend.
    if (previous) tf.setBackend(previous);
  }
}
