/**
 * Chooses the engine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compiledEngine } from "./compiled.ts";
import { eagerEngine } from "./eager.ts";
import { type Engine, type EngineName, EngineUnavailableError } from "./engine.ts";
import { loadTensorFlow } from "./tensorflow.ts";

/** An engine and the reason why it is the one. */
export interface Selection {
  readonly engine: Engine;
  readonly reason: string;
}

export interface SelectOptions {
  /** Threads of the compiled engine; default: all cores. */
  readonly threads?: number | undefined;
}

/**
 * @param name an engine, or `auto`: TensorFlow's kernels where its native library loads and sees a GPU, otherwise
 * onnxruntime
 * @throws {EngineUnavailableError} if the engine asked for cannot be used here
 */
export async function selectEngine(name: EngineName | "auto", options: SelectOptions = {}): Promise<Selection> {
  // Without its checks, which read every result back, and without its greeting.
  tf.enableProdMode();
  if (name === "onnxruntime") return { engine: await compiledEngine(options), reason: "asked for" };
  if (name === "cpu") return { engine: eagerEngine("cpu", "cpu", "TensorFlow.js's CPU backend"), reason: "asked for" };
  const tensorflow = await loadTensorFlow();
  if (name === "tensorflow") {
    if (!tensorflow.loaded) throw new EngineUnavailableError(tensorflow.why);
    return { engine: eagerEngine("tensorflow", "tensorflow", tensorflow.description), reason: "asked for" };
  }
  if (tensorflow.loaded && tensorflow.gpu) {
    return { engine: eagerEngine("tensorflow", "tensorflow", tensorflow.description), reason: "TensorFlow sees a GPU" };
  }
  const reason = tensorflow.loaded
    ? "TensorFlow's native library sees no GPU"
    : "TensorFlow's native library is not installed";
  return { engine: await compiledEngine(options), reason };
}
