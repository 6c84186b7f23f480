/**
 * The compiled engine: functions are traced, written as ONNX and run by onnxruntime.
 *
 * @module
 */
import { allReduce } from "../onnx/without_tracer.ts";
import { blockSize } from "./block_size.ts";
import { CompiledTensor, compileFunction } from "./compiled_program.ts";
import { Device } from "./device.ts";
import type { Engine, SumOverProcesses } from "./engine.ts";
import type { DeviceName } from "./engine_names.ts";
import { onnxruntime, ortTensor } from "./onnxruntime.ts";
import { SessionCache } from "./session_cache.ts";
import { loadTracer } from "./tracer.ts";

export interface CompiledOptions {
  /** Threads of one operator on the CPU; default: all cores. */
  readonly threads?: number | undefined;
  /** Default: the CPU. */
  readonly device?: DeviceName | undefined;
  /** The processes that train together; default: this one is alone. */
  readonly processes?: SumOverProcesses | undefined;
  /**
   * Cuts graphs at sums over the processes, instead of summing inside them; default: on devices other than the CPU, and for
   * processes that ask for it.
   */
  readonly cutAtSums?: boolean;
  /** The folder of caches, which keeps optimised graphs on the CPU; default: none. */
  readonly cache?: string | undefined;
}

/** @throws {EngineUnavailableError} if onnxruntime does not load on this machine, or the device cannot be used */
export async function compiledEngine(
  {
    threads = navigator.hardwareConcurrency,
    device: name = "cpu",
    processes,
    cutAtSums = name !== "cpu" || processes?.cutAtSums === true,
    cache: caches,
  }: CompiledOptions = {},
): Promise<Engine> {
  await using opened = new AsyncDisposableStack();
  const device = opened.use(await Device.open(name));
  const place = { cpu: `the CPU, ${threads} threads`, webgpu: "WebGPU", cuda: "CUDA" }[name];
  const { versions } = onnxruntime().env;
  // Only the CPU has the blocked operators.
  const block = name === "cpu" ? await blockSize() : undefined;
  const cache = name === "cpu" && caches !== undefined ? await SessionCache.open(caches, block) : undefined;
  const engine: Engine = {
    name: "onnxruntime",
    description: `onnxruntime ${versions.node ?? versions.common} on ${place}`,
    allReduce,
    upload: (tensor) => new CompiledTensor(ortTensor(tensor), device),
    compile: (fn, inputs, subject) =>
      compileFunction(
        async () => (await loadTracer()).trace(fn, inputs),
        { device, block, threads, processes, cutAtSums, cache },
        subject && JSON.stringify([subject, inputs]),
      ),
    [Symbol.asyncDispose]: () => device[Symbol.asyncDispose](),
  };
  opened.move();
  return engine;
}
