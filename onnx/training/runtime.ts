/**
 * The part of onnxruntime that training uses. `onnxruntime-node` and `onnxruntime-web` both have it.
 *
 * @module
 */
import type { DataType } from "../graph/graph.ts";
import { describe } from "../trace/describe.ts";

/** A tensor of onnxruntime. */
export interface RuntimeTensor {
  /** The element type. */
  readonly type: string;
  /** The shape. */
  readonly dims: readonly number[];
  /** The elements, a typed array. */
  readonly data: unknown;
}

/** A model that onnxruntime has loaded. */
export interface RuntimeSession {
  /** Computes the outputs. */
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>;
  /** Frees the model. */
  release(): Promise<void>;
}

/** Options of a session, as onnxruntime declares them. */
export type SessionOptions = Readonly<Record<string, unknown>>;

/** Tells if sessions with these options run on WebGPU. */
export function usesWebGpu({ executionProviders }: SessionOptions): boolean {
  if (!Array.isArray(executionProviders)) return false;
  return executionProviders.some((provider) => provider === "webgpu" || provider?.name === "webgpu");
}

/** onnxruntime: the module `onnxruntime-node`, or another with the same interface. */
export interface OnnxRuntime {
  /** Loads models. */
  readonly InferenceSession: {
    create(model: Uint8Array, options?: SessionOptions): Promise<RuntimeSession>;
  };
  /** Makes tensors. */
  readonly Tensor: {
    new (type: DataType, data: Float32Array | Int32Array | Uint8Array, dims: readonly number[]): RuntimeTensor;
  };
}

/**
 * Loads `onnxruntime-node`.
 *
 * @throws {Error} if the package is not installed or does not load on this machine
 */
export async function defaultRuntime(): Promise<OnnxRuntime> {
  const failed = (cause?: unknown) =>
    new Error("onnxruntime-node does not load; install it, or pass another onnxruntime as `runtime`", { cause });
  const loaded: unknown = await import("onnxruntime-node").catch((cause) => Promise.reject(failed(cause)));
  // Bundlers put an empty module in its place for a browser.
  if (!isRuntime(loaded)) throw failed();
  return loaded;
}

/** @throws {Error} if something that is no onnxruntime is given as one */
export function checkRuntime(given: unknown): void {
  if (isRuntime(given)) return;
  throw new Error(
    `the option runtime is ${describe(given)}; pass the module: import * as ort from "onnxruntime-node"`,
  );
}

function isRuntime(given: unknown): given is OnnxRuntime {
  const { InferenceSession, Tensor } = (given ?? {}) as Partial<OnnxRuntime>;
  return typeof InferenceSession?.create === "function" && typeof Tensor === "function";
}
