/**
 * Compiles functions to ONNX and runs them with onnxruntime.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import {
  ALL_REDUCE,
  allReduce,
  BLOCKED,
  type Graph,
  ModelBuilder,
  outputName,
  toOnnx,
  trace,
} from "../onnx/internal.ts";
import { Device } from "./device.ts";
import type { DeviceTensor, DeviceTensors, Engine, HostTensor, Program, SumOverProcesses } from "./engine.ts";
import type { DeviceName } from "./engine_names.ts";
import { StagedSession } from "./staged.ts";

export interface CompiledOptions {
  /** Threads of one operator on the CPU; default: all cores. */
  readonly threads?: number | undefined;
  /** Default: the CPU. */
  readonly device?: DeviceName | undefined;
  /** The processes that train together; default: this one is alone. */
  readonly processes?: SumOverProcesses | undefined;
}

/**
 * @throws {EngineUnavailableError} if the device cannot be used here
 * @throws if onnxruntime does not load on this machine
 */
export async function compiledEngine(
  { threads = navigator.hardwareConcurrency, device: name = "cpu", processes }: CompiledOptions = {},
): Promise<Engine> {
  const device = await Device.open(name);
  const place = { cpu: `the CPU, ${threads} threads`, webgpu: "WebGPU", cuda: "CUDA" }[name];
  // The blocked operators are the CPU's alone.
  const block = name === "cpu" ? await blockSize() : undefined;
  return {
    name: "onnxruntime",
    description: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common} on ${place}`,
    allReduce,
    upload: ({ shape, data }) => new CompiledTensor(new ort.Tensor(data as Float32Array, shape), device),
    async compile(fn, inputs) {
      const graph = trace(fn, inputs);
      const names = Object.keys(graph.outputs);
      const options = {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        // With a pattern onnxruntime takes one block of the size of all values beside what the first run took.
        enableMemPattern: false,
      } as const;
      const outputs = names.map((name) => [name, outputName(graph, name)] as const);
      if (processes && sumsOverProcesses(graph)) {
        const model = toOnnx(graph, { block, collectives: true });
        // What is summed, and what goes from stage to stage, passes through JavaScript's memory.
        const staged = await StagedSession.create(model, graph.inputs, processes, {
          ...device.sessionOptions([], []),
          ...options,
        });
        return new CompiledProgram(staged, device, outputs);
      }
      // What goes in again in the next run stays on the device.
      const [kept, read] = [true, false].map((again) =>
        names.filter((name) => (name in graph.inputs) === again).map((name) => outputName(graph, name))
      );
      const session = await ort.InferenceSession.create(toOnnx(graph, { block }), {
        ...device.sessionOptions(kept!, read!),
        ...options,
      });
      return new CompiledProgram(session, device, outputs);
    },
  };
}

const sumsOverProcesses = ({ kernels }: Graph) => kernels.some(({ name }) => name === ALL_REDUCE);

/**
 * How many channels onnxruntime keeps together in its blocked image format on this machine (16 with AVX-512, 8 or 4
 * elsewhere), or undefined if it has no such format: seen from where the first pixels go.
 */
export async function blockSize(): Promise<number | undefined> {
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
  constructor(readonly tensor: ort.Tensor, readonly device: Device) {}

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  read(): Promise<HostTensor> {
    return this.device.read(this.tensor);
  }

  dispose(): void {
    this.tensor.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

class CompiledProgram implements Program {
  constructor(
    readonly session: Pick<ort.InferenceSession, "inputNames" | "run" | "release">,
    readonly device: Device,
    readonly outputs: readonly (readonly [name: string, inFile: string])[],
  ) {}

  async run(inputs: DeviceTensors): Promise<DeviceTensors> {
    const feeds = this.session.inputNames.map((name) => [name, (inputs[name] as CompiledTensor).tensor]);
    const results = await this.session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      this.outputs.map(([name, inFile]) => [name, new CompiledTensor(results[inFile]!, this.device)]),
    );
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
