/**
 * Programs and tensors of the compiled engine: sessions of onnxruntime, and what goes in and out of them.
 *
 * @module
 */
import type { OnnxOptions } from "../onnx/internal.ts";
import { type Graph, limitOperands } from "../onnx/without_tracer.ts";
import type { Device } from "./device.ts";
import type { DeviceTensor, DeviceTensors, HostTensor, Program, SumOverProcesses } from "./engine.ts";
import { type InferenceSession, openSession, type Tensor } from "./onnxruntime.ts";
import { compileOnce, type ProgramOutline, type Traced, tracedNow } from "./program_outline.ts";
import type { Open, SessionCache } from "./session_cache.ts";
import { StagedSession } from "./staged.ts";
import { type OutputType, SummingSession } from "./summing_session.ts";
import { loadTracer } from "./tracer.ts";

export class CompiledTensor implements DeviceTensor {
  constructor(readonly tensor: Tensor, readonly device: Device) {}

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  read(): Promise<HostTensor> {
    return this.device.read(this.tensor);
  }

  [Symbol.dispose](): void {
    this.tensor.dispose();
  }
}

/** An output of a graph: its name, and the name of its value in the ONNX model. */
type NamedOutput = readonly [name: string, inModel: string];

/** A session of onnxruntime-node, or one of this program that runs like it. */
interface RunnableSession extends AsyncDisposable {
  readonly inputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, unknown>>>;
}

class CompiledProgram implements Program {
  constructor(
    readonly session: RunnableSession,
    readonly device: Device,
    readonly outputs: readonly NamedOutput[],
  ) {}

  async run(inputs: DeviceTensors): Promise<DeviceTensors> {
    const feeds = this.session.inputNames.map((name) => [name, (inputs[name] as CompiledTensor).tensor]);
    const results = await this.session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      this.outputs.map(([name, inModel]) => [name, new CompiledTensor(results[inModel] as Tensor, this.device)]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
  }
}

/** Where a graph runs. */
export interface Target {
  readonly device: Device;
  /** Channels of a block of the blocked image format; undefined where it is not used. */
  readonly block: number | undefined;
  readonly threads: number;
  /** The processes that train together; undefined in a process that is alone. */
  readonly processes: SumOverProcesses | undefined;
  /** Cuts graphs at sums over the processes, instead of summing inside them. */
  readonly cutAtSums: boolean;
  /** Keeps optimised graphs; undefined without one. */
  readonly cache: SessionCache | undefined;
}

/**
 * Compiles a function: into one session, or into stages between which the processes sum.
 *
 * @param subject identifies the traced function for the cache; undefined: the function is traced
 */
export async function compileFunction(
  trace: () => Promise<Graph>,
  target: Target,
  subject: string | undefined,
): Promise<Program> {
  const compile = (traced: Traced) => compileTraced(traced, target);
  if (subject === undefined || !target.cache) return await compile(tracedNow(await trace()));
  return await compileOnce(target.cache, subject, trace, compile);
}

function compileTraced(traced: Traced, target: Target): Promise<Program> {
  const { processes } = target;
  if (!processes || !traced.outline.sums) return wholeProgram(traced, target);
  return target.cutAtSums ? stagedProgram(traced, target, processes) : summingProgram(traced, target, processes);
}

async function wholeProgram(traced: Traced, target: Target): Promise<Program> {
  const { device, threads } = target;
  const outputs = outputsOf(traced.outline);
  // An output that is an input of the next run stays on the device.
  const [kept, read] = [true, false].map((again) =>
    outputs.filter(([name]) => traced.outline.inputs.includes(name) === again).map(([, inModel]) => inModel)
  );
  const session = await cachedSession(traced, target, (model, { isOptimised, writeTo }) =>
    openSession(model, {
      ...device.sessionOptions(kept!, read!),
      ...sessionOptions(threads),
      ...(isOptimised && { graphOptimizationLevel: "disabled" }),
      ...(writeTo !== undefined && { optimizedModelFilePath: writeTo }),
    }));
  return new CompiledProgram(session, device, outputs);
}

/** The sums are computed inside the graph. */
async function summingProgram(traced: Traced, target: Target, processes: SumOverProcesses): Promise<Program> {
  const { device, threads } = target;
  const { inputs, outputs } = traced.outline;
  const types = Object.fromEntries(
    Object.values(outputs).map(({ inModel, shape, dtype }): [string, OutputType] => [inModel, { shape, dtype }]),
  );
  const sumNow: SumOverProcesses["sumNow"] = (values) => processes.sumNow(values);
  const session = await cachedSession(
    traced,
    target,
    (model, opening) => SummingSession.open(model, inputs, types, { threads, sumNow, ...opening }),
  );
  return new CompiledProgram(session, device, outputsOf(traced.outline));
}

async function stagedProgram(
  traced: Traced,
  { device, block, threads }: Target,
  processes: SumOverProcesses,
): Promise<Program> {
  const graph = await traced.graph();
  const model = await modelFor(device, graph, { block, collectives: true });
  // Sums, and values between stages, pass through JavaScript's memory.
  const session = await StagedSession.create(model, graph.inputs, processes, {
    ...device.sessionOptions([], []),
    ...sessionOptions(threads),
  });
  return new CompiledProgram(session, device, outputsOf(traced.outline));
}

/** Opens the session of a graph, whose optimised model may be in the cache. */
async function cachedSession<Session>(
  traced: Traced,
  { device, block, processes, cache }: Target,
  open: Open<Session>,
): Promise<Session> {
  const collectives = processes !== undefined;
  const model = async () =>
    await modelFor(device, await traced.graph(), { block, collectives, savesMemory: block !== undefined });
  if (!cache) return await open(await model(), { isOptimised: false });
  return await cache.session(`${traced.outline.graph} ${collectives}`, model, open);
}

/**
 * Writes a graph of the network, whose factors are finite, for a device. WebGPU binds a buffer for each operand of a node, and
 * devices guarantee only a few.
 */
async function modelFor({ name }: Device, graph: Graph, options: OnnxOptions): Promise<Uint8Array<ArrayBuffer>> {
  const model = (await loadTracer()).toOnnx(graph, { ...options, hasFiniteFactors: true });
  return name === "webgpu" ? limitOperands(model) : model;
}

const outputsOf = ({ outputs }: ProgramOutline): NamedOutput[] =>
  Object.entries(outputs).map(([name, { inModel }]) => [name, inModel]);

const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  // A memory pattern allocates one block of the size of all values beside the memory that the first run took.
  enableMemPattern: false,
  // The parts of an operator's work shrink towards its end, so a thread that is held up does not keep the others waiting.
  extra: { session: { dynamic_block_base: "4" } },
});
