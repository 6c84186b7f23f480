/**
 * Chooses what onnxruntime computes on.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { compiledEngine, type CompiledOptions } from "./compiled.ts";
import { cudaLibrary } from "./device.ts";
import type { Engine } from "./engine.ts";
import { graphicsAdapter } from "./graphics_adapter.ts";
import { convolutionTrial, type Trial } from "./trial.ts";

/** An engine and the reason why it is the one. */
export interface Selection {
  readonly engine: Engine;
  readonly reason: string;
}

/** How many times faster than the CPU another device must be to be taken. */
const FASTER = 1.5;
/** How far the results of a trial may lie apart, relative to the largest. */
const AGREES = 1e-3;

/**
 * CUDA where it is set up; WebGPU where there is a graphics processor and a trial convolution runs right and faster on it;
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
    const { better, reason } = compare(await convolutionTrial(webgpu), await convolutionTrial(cpu));
    return { engine: better ? webgpu : cpu, reason: [...found, `${adapter.name}: ${reason}`].join("; ") };
  } catch (error) {
    return { engine: cpu, reason: [...found, `${adapter.name}: ${(error as Error).message}`].join("; ") };
  }
}

/** Whether WebGPU gives what the CPU gives, and sooner. */
export function compare(webgpu: Trial, cpu: Trial): { better: boolean; reason: string } {
  const largest = Math.max(...cpu.result.map(Math.abs));
  const difference = Math.max(...cpu.result.map((value, at) => Math.abs(value - webgpu.result[at]!))) / largest;
  const speed = cpu.seconds / webgpu.seconds;
  if (!(difference <= AGREES)) {
    return { better: false, reason: `a trial convolution on WebGPU is wrong by ${difference.toPrecision(2)}` };
  }
  const times = `a trial convolution is ${speed.toPrecision(2)} times as fast on WebGPU as on the CPU`;
  return { better: speed >= FASTER, reason: times };
}
