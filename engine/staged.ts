/**
 * Runs a graph that sums over processes: its stages one after the other, with the sums between them.
 *
 * Values between stages lie in memory that is allocated once. It is reused after the last stage that reads the value.
 *
 * @module
 */
import { cutAtCollectives, type Stage, type StageValue } from "../onnx/without_tracer.ts";
import type { SumOverProcesses } from "./engine.ts";
import { type InferenceSession, onnxruntime, openSession, type Session, type Tensor } from "./onnxruntime.ts";

/** A stage, ready to run. */
interface ReadyStage extends Pick<Stage, "inputs"> {
  readonly session: Session;
  /** The memory of its outputs; null for outputs that the caller gets. */
  readonly results: Readonly<Record<string, Tensor | null>>;
  readonly sums: Sums;
}

/** The sums after a stage, in one array. */
interface Sums {
  readonly buffer: Float32Array<ArrayBuffer>;
  readonly parts: readonly {
    readonly input: string;
    readonly output: string;
    readonly sum: Tensor;
    /** The caller gets the sum. */
    readonly given: boolean;
  }[];
}

/** A session made of stages; it runs like a session of onnxruntime. */
export class StagedSession implements AsyncDisposable {
  private constructor(
    readonly inputNames: readonly string[],
    readonly stages: readonly ReadyStage[],
    readonly processes: SumOverProcesses,
    /** The sessions of the stages. */
    readonly sessions: AsyncDisposableStack,
  ) {}

  /**
   * @param model an ONNX model with sums over processes
   * @param inputs types of its inputs, of fixed shapes
   * @throws {Error} if onnxruntime refuses a stage; no session stays open then
   */
  static async create(
    model: Uint8Array,
    inputs: Readonly<Record<string, StageValue>>,
    processes: SumOverProcesses,
    options: InferenceSession.SessionOptions,
  ): Promise<StagedSession> {
    const stages = cutAtCollectives(model);
    const values = new Map<string, StageValue>(Object.entries(inputs));
    const memory = new Memory();
    const ready: ReadyStage[] = [];
    await using sessions = new AsyncDisposableStack();
    keepFreedMemory();
    for (const [at, stage] of stages.entries()) {
      const session = sessions.use(
        await openSession(stage.build(values), { ...options, enableCpuMemArena: false }),
      );
      for (const { name, shape, type } of session.outputMetadata as InferenceSession.TensorValueMetadata[]) {
        values.set(name, { shape: shape as number[], dtype: type as StageValue["dtype"] });
      }
      const results = Object.fromEntries(
        stage.outputs.map((name) => [name, stage.given.has(name) ? null : memory.take(name, values.get(name)!)]),
      );
      const sums = sumsAfter(stage, values);
      for (const { output, sum } of sums.parts) values.set(output, { shape: sum.dims, dtype: "float32" });
      ready.push({ inputs: stage.inputs, session, results, sums });
      const later = new Set(stages.slice(at + 1).flatMap(({ inputs }) => inputs));
      memory.keep((name) => later.has(name));
    }
    return new StagedSession(Object.keys(inputs), ready, processes, sessions.move());
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const values: Record<string, Tensor> = { ...feeds };
    for (const { inputs, session, results, sums } of this.stages) {
      const needed = Object.fromEntries(inputs.map((name) => [name, values[name]!]));
      const made = await session.run(needed, results);
      for (const name of Object.keys(results)) values[name] = results[name] ?? made[name] as Tensor;
      if (sums.parts.length > 0) await this.#sum(sums, values);
    }
    return values;
  }

  async #sum({ buffer, parts }: Sums, values: Record<string, Tensor>): Promise<void> {
    const { Tensor } = onnxruntime();
    for (const { input, sum } of parts) (sum.data as Float32Array).set(values[input]!.data as Float32Array);
    await this.processes.sum(buffer);
    for (const { output, sum, given } of parts) {
      values[output] = given ? new Tensor("float32", (sum.data as Float32Array).slice(), sum.dims) : sum;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sessions.disposeAsync();
  }
}

function sumsAfter({ sums, given }: Stage, values: ReadonlyMap<string, StageValue>): Sums {
  const { Tensor } = onnxruntime();
  const sizes = sums.map(({ input }) => elements(values.get(input)!.shape));
  const buffer = new Float32Array(sizes.reduce((a, b) => a + b, 0));
  let begin = 0;
  const parts = sums.map(({ input, output }, at) => {
    const data = buffer.subarray(begin, begin += sizes[at]!);
    return { input, output, given: given.has(output), sum: new Tensor("float32", data, values.get(input)!.shape) };
  });
  return { buffer, parts };
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<StageValue["dtype"], unknown>;

/** Memory of values, reused once they are no longer kept. */
class Memory {
  readonly #used = new Map<string, Tensor>();
  readonly #free: Tensor[] = [];

  take(name: string, { shape, dtype }: StageValue): Tensor {
    const size = elements(shape);
    const at = this.#free.findIndex((tensor) => tensor.type === dtype && tensor.size === size);
    const data = at === -1 ? new arrays[dtype](size) : this.#free.splice(at, 1)[0]!.data;
    const tensor = new (onnxruntime().Tensor)(dtype, data as Float32Array, shape);
    this.#used.set(name, tensor);
    return tensor;
  }

  /** Frees the memory of all other values. */
  keep(needed: (name: string) => boolean): void {
    for (const [name, tensor] of this.#used) {
      if (needed(name)) continue;
      this.#used.delete(name);
      this.#free.push(tensor);
    }
  }
}

/**
 * Makes glibc keep freed memory (M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)). A memory pool for each stage would
 * take as much as all of them; without pools the stages share the process's memory, and a stage reuses what the stage
 * before it freed while that is still in the cache. Other C libraries return memory to the system.
 */
function keepFreedMemory(): void {
  try {
    const libc = Deno.dlopen("libc.so.6", { mallopt: { parameters: ["i32", "i32"], result: "i32" } });
    for (const threshold of [-1, -3]) libc.symbols.mallopt(threshold, 1 << 30);
  } catch {
    // Another C library has other means.
  }
}

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
