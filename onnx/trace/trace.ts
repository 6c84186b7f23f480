/**
 * Records what a TensorFlow.js function computes, as a graph of kernels.
 *
 * The recorder is a TensorFlow.js backend whose kernels compute nothing but the type of their result, so any function
 * can be traced, with the gradients that TensorFlow.js derives from it. Kernels on constants alone run at once, on the
 * CPU backend.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { ALL_REDUCE } from "./all_reduce.ts";
import type { Attributes, DataType, Graph, HostArray, Kernel, Value, ValueType } from "../graph/graph.ts";
import { withoutDeadKernels } from "../graph/graph.ts";
import { generalise } from "./generalise.ts";
import { kernelLowerings } from "../lowerings/mod.ts";
import { onBackend } from "./on_backend.ts";
import { TraceError } from "../graph/trace_error.ts";

const BACKEND = "onnx-trace";

/** A constant expression is computed while tracing unless that makes a larger constant than this many elements. */
const FOLDED_ELEMENTS = 1 << 20;

/** Tensors of TensorFlow.js by name. */
export type NamedTensors = Record<string, tf.Tensor>;

/** A function of named tensors to named tensors. It must be pure: it reads no tensor's elements and keeps no state. */
export type TensorFunction = (inputs: NamedTensors) => NamedTensors;

/** An input of a traced function; a dimension of `null` may have any size when the graph runs. */
export interface InputSpec {
  /** Sizes of the dimensions. */
  readonly shape: readonly (number | null)[];
  /** Default `float32`. */
  readonly dtype?: DataType;
}

/**
 * Traces `fn`.
 *
 * Tensors that `fn` closes over become constants of the graph. With dynamic dimensions the function is traced at two
 * sizes of them and the two graphs are generalised to one.
 *
 * @param fn the function; it runs synchronously on tensors that have a shape and a type but no elements
 * @param inputs the name, shape and element type of every input
 * @throws {TraceError} if `fn` reads a traced tensor or uses a kernel without a lowering, or if something other than a
 * shape depends on a dynamic dimension
 */
export function trace(fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>>): Graph {
  const sized = (size: number) =>
    record(fn, mapValues(inputs, ({ shape, dtype = "float32" }) => ({ shape: shape.map((d) => d ?? size), dtype })));
  const dynamic = Object.values(inputs).some(({ shape }) => shape.includes(null));
  // Two primes that are rarely a size of anything else, so that a dimension that is not dynamic is not taken for one.
  return withoutDeadKernels(dynamic ? generalise(sized(11), sized(13)) : sized(1));
}

function record(fn: TensorFunction, inputs: Record<string, { shape: number[]; dtype: DataType }>): Graph {
  const backend = traceBackend();
  const outer = backend.kernels;
  const kernels: Kernel[] = [];
  backend.kernels = kernels;
  try {
    const values: Record<string, Value> = {};
    const outputs: Record<string, Value> = {};
    onBackend(BACKEND, () =>
      tf.tidy(() => {
        const results = fn(mapValues(inputs, (type, name) => backend.tensor(values[name] = type)));
        for (const [name, tensor] of Object.entries(results)) outputs[name] = backend.values.get(tensor.dataId);
      }));
    return { inputs: values, outputs, kernels };
  } finally {
    backend.kernels = outer;
  }
}

function traceBackend(): TraceBackend {
  const existing = tf.findBackend(BACKEND);
  if (existing) return existing as TraceBackend;
  const backend = new TraceBackend();
  tf.registerBackend(BACKEND, () => backend, 0);
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) =>
        backend.run(kernelName, inputs as tf.NamedTensorMap, (attrs ?? {}) as Attributes),
    });
  }
  return backend;
}

class TraceBackend extends tf.KernelBackend {
  readonly values: tf.DataStorage<Value> = new tf.DataStorage(this, tf.engine());
  kernels: Kernel[] = [];

  /** Runs on constants, or records, one kernel. */
  run(name: string, tensors: Readonly<Record<string, tf.TensorInfo>>, attributes: Attributes) {
    const inputs: Record<string, Value> = {};
    for (const [key, tensor] of Object.entries(tensors)) if (tensor) inputs[key] = this.values.get(tensor.dataId);
    if (name === "Identity" || isIdentity(name, inputs, attributes)) return this.#info(inputs["x"]!);
    const lowering = kernelLowerings[name];
    const folded = isFoldable(name, inputs) ? evaluate(name, inputs, attributes, Array.isArray(tensors)) : undefined;
    if (folded && elements([folded].flat()) <= Math.max(FOLDED_ELEMENTS, elements(Object.values(inputs)))) {
      return this.#infos(folded);
    }
    if (!lowering) {
      throw new TraceError(
        `kernel ${name} has no lowering to ONNX; the supported kernels are ${Object.keys(kernelLowerings).join(", ")}`,
      );
    }
    const types = lowering.infer(inputs, attributes);
    const outputs: Value | Value[] = Array.isArray(types)
      ? types.map((type) => ({ ...type }))
      : { ...types as ValueType };
    this.kernels.push({ name, inputs, attributes, outputs: [outputs].flat() });
    return this.#infos(outputs);
  }

  /** A tensor that stands for a value. */
  tensor(value: Value): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.#info(value));
  }

  #infos(values: Value | Value[]): tf.TensorInfo | tf.TensorInfo[] {
    return Array.isArray(values) ? values.map((value) => this.#info(value)) : this.#info(values);
  }

  #info(value: Value): tf.TensorInfo {
    const dataId = {};
    this.values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype);
    return dataId;
  }

  override move(dataId: tf.DataId, values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType) {
    if (dtype !== "float32" && dtype !== "int32" && dtype !== "bool") {
      throw new TraceError(`a constant of type ${dtype} cannot be traced; float32, int32 and bool can`);
    }
    this.values.set(dataId, { shape, dtype, constant: values as HostArray });
  }

  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const { constant } = this.values.get(dataId);
    if (!constant) {
      throw new TraceError("a traced function read the elements of a tensor that are known only when the graph runs");
    }
    return constant;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous
  override async read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: tf.DataId): boolean {
    return this.values.delete(dataId);
  }

  override refCount = (): number => 1;
  override incRef(): void {}
  override numDataIds = (): number => this.values.numDataIds();
  override memory = (): { unreliable: boolean } => ({ unreliable: true });
  override floatPrecision = (): 16 | 32 => 32;
  override epsilon = (): number => 1e-7;
}

/** TensorFlow.js reshapes gradients to the shape that they have. */
const isIdentity = (name: string, { x }: Readonly<Record<string, Value>>, { shape }: Attributes) =>
  name === "Reshape" && `${shape}` === `${x!.shape}`;

function isFoldable(name: string, inputs: Readonly<Record<string, Value>>): boolean {
  const values = Object.values(inputs);
  // What other processes add to a constant is not known.
  return name !== "Fill" && name !== ALL_REDUCE && values.length > 0 && values.every((value) => value.constant);
}

/** Runs a kernel on constants, on the CPU backend; some kernels take a list of inputs, some give a list. */
function evaluate(
  name: string,
  inputs: Readonly<Record<string, Value>>,
  attributes: Attributes,
  asList: boolean,
): Value | Value[] {
  const cpu = tf.findBackend("cpu") as tf.KernelBackend;
  const infos = mapValues(inputs, ({ constant, shape, dtype }) => {
    const dims = [...shape];
    return { dataId: cpu.write(constant!, dims, dtype), shape: dims, dtype };
  });
  const result = tf.getKernel(name, "cpu").kernelFunc({
    inputs: asList ? Object.values(infos) as unknown as tf.NamedTensorInfoMap : infos,
    attrs: attributes as tf.NamedAttrMap,
    backend: cpu,
  });
  const values = [result].flat().map(({ dataId, shape, dtype }): Value => {
    const constant = (cpu.readSync(dataId) as HostArray).slice();
    cpu.disposeData(dataId);
    return { shape, dtype: dtype as DataType, constant };
  });
  for (const { dataId } of Object.values(infos)) cpu.disposeData(dataId);
  return Array.isArray(result) ? values : values[0]!;
}

const elements = (values: readonly Value[]) =>
  values.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);

function mapValues<T, U>(record: Readonly<Record<string, T>>, fn: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value, key)]));
}
