/**
 * Compiles functions to ONNX and runs them with onnxruntime.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { outputName, toOnnx, trace } from "../onnx/mod.ts";
import type { DeviceTensor, DeviceTensors, Engine, HostTensor, Program } from "./engine.ts";

export interface CompiledOptions {
  /** Threads of one operator; default: all cores. */
  readonly threads?: number | undefined;
}

export function compiledEngine({ threads = navigator.hardwareConcurrency }: CompiledOptions = {}): Engine {
  return {
    name: "onnxruntime",
    description: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common} on the CPU, ${threads} threads`,
    upload: ({ shape, data }) => new CompiledTensor(new ort.Tensor(data as Float32Array, shape)),
    async compile(fn, inputs) {
      const graph = trace(fn, inputs);
      const session = await ort.InferenceSession.create(toOnnx(graph), {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      const names = Object.keys(graph.outputs).map((name) => [name, outputName(graph, name)] as const);
      return new CompiledProgram(session, names);
    },
  };
}

class CompiledTensor implements DeviceTensor {
  constructor(readonly tensor: ort.Tensor) {}

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous
  async read(): Promise<HostTensor> {
    return { shape: this.shape, data: (this.tensor.data as HostTensor["data"]).slice() };
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

class CompiledProgram implements Program {
  constructor(
    readonly session: ort.InferenceSession,
    readonly outputs: readonly (readonly [name: string, inFile: string])[],
  ) {}

  async run(inputs: DeviceTensors): Promise<DeviceTensors> {
    const feeds = this.session.inputNames.map((name) => [name, (inputs[name] as CompiledTensor).tensor]);
    const results = await this.session.run(Object.fromEntries(feeds));
    return Object.fromEntries(this.outputs.map(([name, inFile]) => [name, new CompiledTensor(results[inFile]!)]));
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}
