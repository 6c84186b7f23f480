/**
 * A session of onnxruntime whose graph sums over processes on the way, by an operator of its own. Its inputs and outputs lie
 * in JavaScript's memory.
 *
 * @module
 */
import { ALL_REDUCE, COLLECTIVE, type DataType, joinSums } from "../onnx/without_tracer.ts";
import { allReduceOperator, type NativeOperator } from "./all_reduce_operator.ts";
import { SESSION_LOG } from "./library_settings.ts";
import { onnxruntime, type Tensor } from "./onnxruntime.ts";
import { addressOf, cString, made, type OnnxruntimeApi, onnxruntimeApi } from "./onnxruntime_api.ts";
import type { Opening } from "./session_cache.ts";

/** The type of an output. */
export interface OutputType {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

export interface SummingOptions extends Opening {
  readonly threads: number;
  /** Sums numbers over the processes, in place. */
  readonly sumNow: (values: Float32Array<ArrayBuffer>) => void;
}

/** Element types of onnxruntime, by name. */
const elementTypes: Readonly<Record<string, number>> = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 };
const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } as const;
/** Values of the interface's enumerations. */
const ARENA_ALLOCATOR = 1, DEFAULT_MEMORY = 0, NO_OPTIMISATION = 0;

/** It runs like a session of onnxruntime-node. */
export class SummingSession implements AsyncDisposable {
  /** Memory of outputs that were disposed of, by name. */
  readonly #free = new Map<string, InstanceType<typeof arrays[keyof typeof arrays]>[]>();

  private constructor(
    readonly inputNames: readonly string[],
    readonly outputs: Readonly<Record<string, OutputType>>,
    readonly session: Deno.PointerValue,
    readonly operator: NativeOperator,
    readonly memory: Deno.PointerValue,
    /** Everything that the session holds, in the order in which it was made. */
    readonly held: DisposableStack,
  ) {}

  /**
   * Opens a session.
   *
   * @param model an ONNX model with sums over processes
   * @param outputs the types of its outputs, by their names in the model
   * @throws {Error} if onnxruntime refuses the model; nothing is held then
   */
  static open(
    model: Uint8Array,
    inputNames: readonly string[],
    outputs: Readonly<Record<string, OutputType>>,
    { threads, sumNow, isOptimised, writeTo }: SummingOptions,
  ): SummingSession {
    const api = onnxruntimeApi();
    using held = new DisposableStack();
    using opening = new DisposableStack();
    const operator = held.use(allReduceOperator(ALL_REDUCE, sumNow));
    const domain = held.adopt(
      made((out) => api.createCustomOpDomain(cString(COLLECTIVE), out)),
      api.releaseCustomOpDomain,
    );
    api.customOpDomainAdd(domain, operator.memory);
    const options = opening.adopt(made((out) => api.createSessionOptions(out)), api.releaseSessionOptions);
    api.addCustomOpDomain(options, domain);
    api.setIntraOpNumThreads(options, threads);
    api.setInterOpNumThreads(options, 1);
    api.setSessionLogSeverityLevel(options, SESSION_LOG.fatal);
    api.disableMemPattern(options);
    if (isOptimised) api.setSessionGraphOptimizationLevel(options, NO_OPTIMISATION);
    if (writeTo !== undefined) api.setOptimizedModelFilePath(options, cString(writeTo));
    const file = isOptimised ? model : joinSums(model);
    const session = held.adopt(
      made((out) => api.createSessionFromArray(api.environment, file, file.length, options, out)),
      api.releaseSession,
    );
    const memory = held.adopt(
      made((out) => api.createCpuMemoryInfo(ARENA_ALLOCATOR, DEFAULT_MEMORY, out)),
      api.releaseMemoryInfo,
    );
    return new SummingSession(inputNames, outputs, session, operator, memory, held.move());
  }

  // deno-lint-ignore require-await -- sessions are asynchronous
  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const api = onnxruntimeApi();
    const made: Record<string, Tensor> = Object.fromEntries(
      Object.entries(this.outputs).map(([name, type]) => [name, this.#outputOf(name, type)]),
    );
    using values = new DisposableStack();
    const given = this.#values(api, values, this.inputNames.map((name) => [name, feeds[name]!]));
    const results = this.#values(api, values, Object.entries(made));
    try {
      api.run(
        ...[this.session, null, given.names, given.values, given.values.length],
        ...[results.names, results.values.length, results.values],
      );
    } catch (error) {
      this.operator.rethrow();
      throw error;
    }
    return made;
  }

  /** Makes the tensor of an output, in the memory of an earlier one that was disposed of. */
  #outputOf(name: string, { shape, dtype }: OutputType): Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = this.#free.get(name)?.pop() ?? new arrays[dtype as keyof typeof arrays](size);
    const tensor = new (onnxruntime().Tensor)(dtype, data as Float32Array, shape);
    let used = true;
    const dispose = () => {
      if (used) this.#free.set(name, [...this.#free.get(name) ?? [], data]);
      used = false;
    };
    return Object.assign(tensor, { dispose });
  }

  /** Makes onnxruntime's values of tensors, which keep their memory. The stack holds the values. */
  #values(
    api: OnnxruntimeApi,
    held: DisposableStack,
    tensors: readonly (readonly [name: string, tensor: Tensor])[],
  ) {
    const names = tensors.map(([name]) => cString(name));
    const values = tensors.map(([, { data, dims, type }]) => {
      const shape = BigInt64Array.from(dims, BigInt), bytes = data as Float32Array;
      const value = made((out) =>
        api.createTensorWithDataAsOrtValue(
          ...[this.memory, bytes, bytes.byteLength, shape, shape.length, elementTypes[type], out],
        )
      );
      return held.adopt(value, api.releaseValue);
    });
    return {
      texts: names,
      names: BigUint64Array.from(names, addressOf),
      values: BigUint64Array.from(values, (value) => BigInt(Deno.UnsafePointer.value(value))),
    };
  }

  // deno-lint-ignore require-await -- the interface is asynchronous
  async [Symbol.asyncDispose](): Promise<void> {
    this.held.dispose();
  }
}
