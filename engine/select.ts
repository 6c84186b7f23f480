/**
 * Chooses an engine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compiledEngine } from "./compiled.ts";
import { eagerEngine } from "./eager.ts";
import { type EngineName, EngineUnavailableError, type SumOverProcesses } from "./engine.ts";
import type { DeviceName } from "./engine_names.ts";
import { configureTensorFlowJs } from "./library_settings.ts";
import { selectDevice, type Selection } from "./select_device.ts";
import { loadTensorFlow } from "./tensorflow.ts";

export type { Selection };

export interface SelectOptions {
  /** Threads of the compiled engine on the CPU; default: all cores. */
  readonly threads?: number | undefined;
  /** The device of the compiled engine; default: auto. */
  readonly device?: DeviceName | "auto" | undefined;
  /** The processes that train together; default: this one is alone. */
  readonly processes?: SumOverProcesses | undefined;
  /** The folder of caches, for compiled graphs on the CPU; default: none. */
  readonly cache?: string | undefined;
}

/**
 * @param name an engine, or `auto`: TensorFlow's kernels if its native library loads and sees a GPU and no device is named,
 * otherwise onnxruntime
 * @throws {EngineUnavailableError} if the named engine or device cannot be used on this machine
 */
export async function selectEngine(
  name: EngineName | "auto",
  { threads, device = "auto", processes, cache }: SelectOptions = {},
): Promise<Selection> {
  configureTensorFlowJs(tf);
  if (name === "cpu") {
    return { engine: eagerEngine("cpu", "cpu", "TensorFlow.js's CPU backend", processes), reason: "asked for" };
  }
  if (name !== "tensorflow" && device !== "auto") {
    return { engine: await compiledEngine({ threads, device, processes, cache }), reason: "asked for" };
  }
  if (name === "onnxruntime") return await selectDevice({ threads, processes, cache });
  const tensorflow = await loadTensorFlow();
  if (name === "tensorflow") {
    if (!tensorflow.loaded) throw new EngineUnavailableError(tensorflow.why);
    return { engine: eagerEngine("tensorflow", "tensorflow", tensorflow.description, processes), reason: "asked for" };
  }
  if (tensorflow.loaded && tensorflow.gpu) {
    return {
      engine: eagerEngine("tensorflow", "tensorflow", tensorflow.description, processes),
      reason: "TensorFlow sees a GPU",
    };
  }
  const { engine, reason } = await selectDevice({ threads, processes, cache });
  const without = tensorflow.loaded
    ? "TensorFlow's native library sees no GPU"
    : "TensorFlow's native library is not installed";
  return { engine, reason: `${without}; ${reason}` };
}
