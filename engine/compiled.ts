/**
 * Compiles functions to ONNX and runs them with onnxruntime.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { BLOCKED, ModelBuilder, outputName, toOnnx, trace } from "../onnx/mod.ts";
import type { DeviceTensor, DeviceTensors, Engine, HostTensor, Program } from "./engine.ts";

export interface CompiledOptions {
  /** Threads of one operator; default: all cores. */
  readonly threads?: number | undefined;
}

/** @throws if onnxruntime does not load on this machine */
export async function compiledEngine(
  { threads = navigator.hardwareConcurrency }: CompiledOptions = {},
): Promise<Engine> {
  const block = await blockSize();
  return {
    name: "onnxruntime",
    description: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common} on the CPU, ${threads} threads`,
    upload: ({ shape, data }) => new CompiledTensor(new ort.Tensor(data as Float32Array, shape)),
    async compile(fn, inputs) {
      const graph = trace(fn, inputs);
      const session = await ort.InferenceSession.create(toOnnx(graph, { block }), {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      });
      const names = Object.keys(graph.outputs).map((name) => [name, outputName(graph, name)] as const);
      return new CompiledProgram(session, names);
    },
  };
}

/**
 * How many channels onnxruntime keeps together in its blocked image format on this machine (16 with AVX-512, 8 or 4
 * elsewhere), or undefined if it has no such format: seen from where the first pixels go.
 */
async function blockSize(): Promise<number | undefined> {
  const channels = 64, height = 1, width = 2;
  const shape = [1, channels, height, width];
  const builder = new ModelBuilder(17);
  const input = builder.input("x", { shape, dtype: "float32" });
  builder.output("y", builder.node("ReorderInput", [input], {}, BLOCKED), { shape, dtype: "float32" });
  try {
    const session = await ort.InferenceSession.create(builder.build(), { logSeverityLevel: 4 });
    const x = new ort.Tensor("float32", Float32Array.from({ length: channels * width }, (_, at) => at), shape);
    const { y } = await session.run({ x });
    await session.release();
    // The second pixel of the first channel follows the first pixels of its block.
    const block = (y!.data as Float32Array).indexOf(1);
    return block > 1 && block < channels ? block : undefined;
  } catch {
    return undefined;
  }
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
