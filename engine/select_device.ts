/**
 * Chooses the device of onnxruntime.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { compiledEngine, type CompiledOptions } from "./compiled.ts";
import { cudaLibrary } from "./device.ts";
import type { Engine } from "./engine.ts";
import { graphicsAdapter } from "./graphics_adapter.ts";
import { stepTrial, type Trial } from "./trial.ts";

/** An engine and the reason for its choice. */
export interface Selection {
  readonly engine: Engine;
  readonly reason: string;
}

/** Least speed of another device, in times the CPU's, to be chosen. */
const FASTER = 1.5;
/** Greatest difference of the results of a trial, relative to the largest. */
const AGREES = 1e-3;

/**
 * Chooses CUDA if it is set up; WebGPU if there is a graphics processor and a step of training is right and faster on it;
 * otherwise the CPU.
 */
export async function selectDevice(options: Omit<CompiledOptions, "device">): Promise<Selection> {
  const found: string[] = [];
  if (existsSync(cudaLibrary)) {
    try {
      return { engine: await compiledEngine({ ...options, device: "cuda" }), reason: "CUDA is set up" };
    } catch (error) {
      found.push((error as Error).message);
    }
  }
  const cpu = await compiledEngine({ ...options, device: "cpu" });
  const adapter = await graphicsAdapter();
  if (!adapter || adapter.software) {
    return { engine: cpu, reason: [...found, "there is no graphics processor"].join("; ") };
  }
  try {
    const webgpu = await compiledEngine({ ...options, device: "webgpu" });
    let other = webgpu;
    try {
      const { better, reason } = compare(await stepTrial(webgpu), await stepTrial(cpu));
      if (better) other = cpu;
      return { engine: better ? webgpu : cpu, reason: [...found, `${adapter.name}: ${reason}`].join("; ") };
    } finally {
      await other[Symbol.asyncDispose]();
    }
  } catch (error) {
    return { engine: cpu, reason: [...found, `${adapter.name}: ${(error as Error).message}`].join("; ") };
  }
}

/** Compares trials: WebGPU is better if its result is the CPU's and it is clearly faster. */
export function compare(webgpu: Trial, cpu: Trial): { better: boolean; reason: string } {
  const largest = Math.max(...cpu.result.map(Math.abs));
  const difference = Math.max(...cpu.result.map((value, at) => Math.abs(value - webgpu.result[at]!))) / largest;
  const speed = cpu.seconds / webgpu.seconds;
  if (!(difference <= AGREES)) {
    return { better: false, reason: `a trial step on WebGPU is wrong by ${difference.toPrecision(2)}` };
  }
  const times = `a trial step is ${speed.toPrecision(2)} times as fast on WebGPU as on the CPU`;
  return { better: speed >= FASTER, reason: times };
}
