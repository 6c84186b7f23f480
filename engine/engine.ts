/**
 * Engines: each compiles a function of tensors once and runs it many times, on tensors that stay where it computes.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { EngineName } from "./engine_names.ts";
import type { InputSpec, TensorFunction } from "../onnx/internal.ts";

export type { EngineName, InputSpec, TensorFunction };

/** A tensor in JavaScript's memory; the class of its array says its element type. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** A tensor in the memory of an engine. Its owner disposes of it. */
export interface DeviceTensor extends Disposable {
  readonly shape: readonly number[];
  /** Copies the elements to JavaScript's memory. */
  read(): Promise<HostTensor>;
}

/** Tensors by name. */
export type DeviceTensors = Readonly<Record<string, DeviceTensor>>;

/** A compiled function. Tensors that it made outlive it. */
export interface Program extends AsyncDisposable {
  /** Runs the function. The caller keeps the inputs and owns the outputs. */
  run(inputs: DeviceTensors): Promise<DeviceTensors>;
}

/** An engine. Dispose of it after its programs and tensors. */
export interface Engine extends AsyncDisposable {
  readonly name: EngineName;
  /** The library and the device that compute. */
  readonly description: string;
  /**
   * Sums a tensor over the processes that the engine was made for, inside a function that it compiles; returns the tensor
   * in a process that is alone. It has no gradient.
   */
  readonly allReduce: (x: tf.Tensor) => tf.Tensor;
  upload(tensor: HostTensor): DeviceTensor;
  /**
   * @param inputs the name, shape and element type of every input of `fn`
   * @param subject identifies `fn`: functions of equal subjects, inputs and sources compute the same, so a cache may save
   * tracing `fn`; default: `fn` is traced
   */
  compile(fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>>, subject?: string): Promise<Program>;
}

/** Sums numbers in place over the processes that train together. All of them make the same calls in the same order. */
export interface SumOverProcesses {
  sum(values: Float32Array<ArrayBuffer>): Promise<void>;
  /** Does the same before it returns, for engines that cannot wait. */
  sumNow(values: Float32Array<ArrayBuffer>): void;
  /** True if `sumNow` cannot be used: graphs are cut at sums. Default: false. */
  readonly cutAtSums?: boolean;
}

/** Reports that an engine cannot be used on this machine; the message says why and what to do. */
export class EngineUnavailableError extends Error {
  override name = "EngineUnavailableError";
  readonly exitCode = 1;
}

/** Uploads tensors by name. */
export function uploadAll(engine: Engine, tensors: Readonly<Record<string, HostTensor>>): DeviceTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, engine.upload(tensor)]));
}

/** Reads tensors by name. */
export async function readAll(tensors: DeviceTensors): Promise<Record<string, HostTensor>> {
  const read = Object.entries(tensors).map(async ([name, tensor]) => [name, await tensor.read()] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** Disposes of tensors by name. */
export function disposeAll(tensors: DeviceTensors): void {
  for (const tensor of Object.values(tensors)) tensor[Symbol.dispose]();
}
