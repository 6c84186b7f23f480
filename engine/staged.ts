/**
 * Runs a graph that sums over processes: its stages one after the other, and between them the sums.
 *
 * What one stage makes for another lies in memory that is allocated once, and is used again as soon as nothing reads it
 * any more.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { cutAtCollectives, type Stage, type StageValue } from "../onnx/internal.ts";
import type { SumOverProcesses } from "./engine.ts";

/** A stage, ready to run. */
interface ReadyStage extends Pick<Stage, "inputs"> {
  readonly session: ort.InferenceSession;
  /** Where its outputs go; null for those that the caller gets. */
  readonly results: Readonly<Record<string, ort.Tensor | null>>;
  readonly sums: Sums;
}

/** The sums after a stage, in one array. */
interface Sums {
  readonly buffer: Float32Array<ArrayBuffer>;
  readonly parts: readonly {
    readonly input: string;
    readonly output: string;
    readonly sum: ort.Tensor;
    /** Whether the caller gets it. */
    readonly given: boolean;
  }[];
}

/** Runs like a session of onnxruntime. */
export class StagedSession {
  private constructor(
    readonly inputNames: readonly string[],
    readonly stages: readonly ReadyStage[],
    readonly processes: SumOverProcesses,
  ) {}

  /**
   * @param model an ONNX model with sums over processes
   * @param inputs types of its inputs, of fixed shapes
   */
  static async create(
    model: Uint8Array,
    inputs: Readonly<Record<string, StageValue>>,
    processes: SumOverProcesses,
    options: ort.InferenceSession.SessionOptions,
  ): Promise<StagedSession> {
    const stages = cutAtCollectives(model);
    const values = new Map<string, StageValue>(Object.entries(inputs));
    const memory = new Memory();
    const ready: ReadyStage[] = [];
    keepFreedMemory();
    for (const [at, stage] of stages.entries()) {
      const session = await ort.InferenceSession.create(stage.build(values), { ...options, enableCpuMemArena: false });
      for (const { name, shape, type } of session.outputMetadata as ort.InferenceSession.TensorValueMetadata[]) {
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
    return new StagedSession(Object.keys(inputs), ready, processes);
  }

  async run(feeds: Readonly<Record<string, ort.Tensor>>): Promise<Record<string, ort.Tensor>> {
    const values: Record<string, ort.Tensor> = { ...feeds };
    for (const { inputs, session, results, sums } of this.stages) {
      const needed = Object.fromEntries(inputs.map((name) => [name, values[name]!]));
      const made = await session.run(needed, results);
      for (const name of Object.keys(results)) values[name] = results[name] ?? made[name] as ort.Tensor;
      if (sums.parts.length > 0) await this.#sum(sums, values);
    }
    return values;
  }

  async #sum({ buffer, parts }: Sums, values: Record<string, ort.Tensor>): Promise<void> {
    for (const { input, sum } of parts) (sum.data as Float32Array).set(values[input]!.data as Float32Array);
    await this.processes.sum(buffer);
    for (const { output, sum, given } of parts) {
      values[output] = given ? new ort.Tensor("float32", (sum.data as Float32Array).slice(), sum.dims) : sum;
    }
  }

  async release(): Promise<void> {
    for (const { session } of this.stages) await session.release();
  }
}

function sumsAfter({ sums, given }: Stage, values: ReadonlyMap<string, StageValue>): Sums {
  const sizes = sums.map(({ input }) => elements(values.get(input)!.shape));
  const buffer = new Float32Array(sizes.reduce((a, b) => a + b, 0));
  let begin = 0;
  const parts = sums.map(({ input, output }, at) => {
    const data = buffer.subarray(begin, begin += sizes[at]!);
    return { input, output, given: given.has(output), sum: new ort.Tensor("float32", data, values.get(input)!.shape) };
  });
  return { buffer, parts };
}

const arrays = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<StageValue["dtype"], unknown>;

/** Memory of values, handed out again once they are no longer kept. */
class Memory {
  readonly #used = new Map<string, ort.Tensor>();
  readonly #free: ort.Tensor[] = [];

  take(name: string, { shape, dtype }: StageValue): ort.Tensor {
    const size = elements(shape);
    const at = this.#free.findIndex((tensor) => tensor.type === dtype && tensor.size === size);
    const data = at === -1 ? new arrays[dtype](size) : this.#free.splice(at, 1)[0]!.data;
    const tensor = new ort.Tensor(dtype, data as Float32Array, shape);
    this.#used.set(name, tensor);
    return tensor;
  }

  /** Frees the memory of all values but these. */
  keep(needed: (name: string) => boolean): void {
    for (const [name, tensor] of this.#used) {
      if (needed(name)) continue;
      this.#used.delete(name);
      this.#free.push(tensor);
    }
  }
}

/**
 * Makes glibc keep what is freed. Stages have no pools of memory, since each would fill its own; with this they share the
 * process's, where what one has freed is still in the cache for the next. (M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of
 * mallopt(3); elsewhere memory goes back to the system and is asked for again.)
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
