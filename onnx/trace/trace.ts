/**
 * Records a TensorFlow.js function as a graph of kernels.
 *
 * The recorder is a TensorFlow.js backend whose kernels compute only the type of their result. So it traces any function,
 * with the gradients that TensorFlow.js derives from it. Kernels on constants alone run at once, on the CPU backend.
 *
 * @module
 */
import "./greeting.ts";
import * as tf from "@tensorflow/tfjs";
import { ALL_REDUCE } from "./all_reduce.ts";
import {
  type Attributes,
  type DataType,
  type Graph,
  type HostArray,
  type Kernel,
  type KernelTypes,
  type Value,
  type ValueType,
  withoutDeadKernels,
} from "../graph/graph.ts";
import { withCorrectedGradients } from "./corrected_gradients.ts";
import { type Attempt, recordAtSizes, type Traces, type UnknownDimension } from "./find_sizes.ts";
import { DifferentKernelsError, generalise, UNIFORM_CONSTANT } from "./generalise.ts";
import { missingKernel } from "./missing_kernel.ts";
import { onBackend } from "./on_backend.ts";
import { withoutSideEffects } from "./without_side_effects.ts";
import { TraceError } from "../graph/trace_error.ts";

const BACKEND = "onnx-trace";

/** A constant expression is computed while tracing if its result has at most this many elements, or as many as its inputs. */
const FOLDED_ELEMENTS = 1 << 20;

/** Tensors of TensorFlow.js by name. */
export type NamedTensors = Record<string, tf.Tensor>;

/** A function of named tensors to named tensors. It must be pure: it reads no tensor's elements and keeps no state. */
export type TensorFunction = (inputs: NamedTensors) => NamedTensors;

/** Type of an input of a traced function. A dimension of `null` may have any size when the graph runs. */
export interface InputSpec {
  /** Sizes of the dimensions. */
  readonly shape: readonly (number | null)[];
  /** Default `float32`. */
  readonly dtype?: DataType;
}

/** A tensor of the rank of an input, where the compiler knows how many dimensions its shape has. */
export type TensorOf<Input extends InputSpec> = `R${Input["shape"]["length"]}` extends keyof typeof tf.Rank
  ? tf.Tensor<(typeof tf.Rank)[`R${Input["shape"]["length"]}`]>
  : tf.Tensor;

/** The tensors that a function receives for these inputs. */
export type TensorsOf<Inputs extends Readonly<Record<string, InputSpec>>> = {
  [Name in keyof Inputs]: TensorOf<Inputs[Name]>;
};

/**
 * Traces `fn`.
 *
 * Tensors that `fn` closes over become constants of the graph. With dynamic dimensions it traces the function at four sizes
 * of them and generalises the graphs to one.
 *
 * @param fn the function; it runs synchronously on tensors that have a shape and a type but no elements
 * @param inputs the name, shape and element type of every input
 * @param types the kernels that the graph may hold
 * @throws {TraceError} if `fn` reads a traced tensor, draws random numbers or uses a kernel that `types` lacks, or if
 * something that cannot be computed from sizes depends on a dynamic dimension
 */
export function trace(fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>>, types: KernelTypes): Graph {
  const unknown = Object.entries(inputs).flatMap(([input, { shape }]) =>
    shape.flatMap((size, axis): UnknownDimension[] => size === null ? [{ input, axis, rank: shape.length }] : [])
  );
  if (unknown.length === 0) return withoutDeadKernels(record(fn, sizedInputs(inputs, unknown, []), types, false));
  const known = Object.values(inputs).flatMap(({ shape }) => shape.filter((size) => size !== null));
  const traces = recordAtSizes(unknown, known, (sizes) => attempt(fn, sizedInputs(inputs, unknown, sizes), types));
  const graph = withoutDeadKernels(joined(traces));
  for (const { name } of graph.kernels) {
    if (name !== UNIFORM_CONSTANT && !Object.hasOwn(types, name)) throw missingKernel(name, types);
  }
  return graph;
}

function joined({ all, ofOnes }: Traces<Graph>): Graph {
  const alive = all.map(withoutDeadKernels);
  try {
    if (ofOnes) return generalise([...alive, withoutDeadKernels(ofOnes)]);
  } catch (error) {
    if (!(error instanceof DifferentKernelsError)) throw error;
  }
  return generalise(alive);
}

/** Gives the unknown dimensions sizes. */
function sizedInputs(
  inputs: Readonly<Record<string, InputSpec>>,
  unknown: readonly UnknownDimension[],
  sizes: readonly number[],
): Record<string, SizedInput> {
  return mapValues(inputs, ({ shape, dtype = "float32" }, name) => ({
    shape: shape.map((size, axis) =>
      size ?? sizes[unknown.findIndex((dimension) => dimension.input === name && dimension.axis === axis)]!
    ),
    dtype,
  }));
}

/** Errors about a kernel's inputs and attributes, which other sizes may avoid. */
const refusals = new WeakSet<Error>();

/** Records a function that may fail at the sizes of its inputs. */
function attempt(
  fn: TensorFunction,
  inputs: Readonly<Record<string, SizedInput>>,
  types: KernelTypes,
): Attempt<Graph> {
  const kernels: Kernel[] = [];
  try {
    return { result: record(fn, inputs, types, true, kernels) };
  } catch (error) {
    if (error instanceof TraceError && !refusals.has(error)) throw error;
    return { kernels: kernels.length, error };
  }
}

/** @param keepFolded also records the kernels that run on constants, whose results may depend on sizes */
function record(
  fn: TensorFunction,
  inputs: Readonly<Record<string, SizedInput>>,
  types: KernelTypes,
  keepFolded: boolean,
  kernels: Kernel[] = [],
): Graph {
  const backend = traceBackend();
  const outer = backend.recording;
  const values: Record<string, Value> = {};
  backend.recording = { kernels, types, keepFolded, inputs: values };
  try {
    const outputs: Record<string, Value> = {};
    const run = () =>
      tf.tidy(() => {
        const results = fn(mapValues(inputs, (type, name) => backend.tensor(values[name] = withoutElements(type))));
        for (const [name, tensor] of Object.entries(namedTensors(results))) outputs[name] = backend.viewOf(tensor);
      });
    onBackend(BACKEND, () => withCorrectedGradients(() => withoutSideEffects(run)));
    return { inputs: values, outputs, kernels };
  } finally {
    backend.recording = outer;
  }
}

/**
 * Asserts that a function returned tensors by name.
 *
 * @throws {TraceError} if not
 */
function namedTensors(results: unknown): NamedTensors {
  const isRecord = typeof results === "object" && results !== null && !Array.isArray(results);
  if (!isRecord || isPromise(results) || results instanceof tf.Tensor) {
    throw new TraceError(`a traced function returns ${describe(results)}; return an object of tensors by name`);
  }
  for (const [name, tensor] of Object.entries(results)) {
    if (tensor instanceof tf.Tensor) continue;
    throw new TraceError(`the output ${name} of a traced function is ${describe(tensor)}; return a tensor`);
  }
  return results as NamedTensors;
}

function isPromise(value: unknown): value is Promise<unknown> {
  if (!(value instanceof Promise)) return false;
  // Nobody else waits for it: what it rejects would end the process.
  value.catch(() => {});
  return true;
}

function describe(value: unknown): string {
  if (isPromise(value)) return "a promise, though tracing does not wait";
  if (value instanceof tf.Tensor) return "a tensor";
  if (Array.isArray(value)) return "a list";
  return value === null || value === undefined ? `${value}` : `a ${typeof value}`;
}

interface SizedInput {
  readonly shape: number[];
  readonly dtype: DataType;
}

/** A graph while it is recorded. */
interface Recording {
  readonly kernels: Kernel[];
  readonly types: KernelTypes;
  readonly keepFolded: boolean;
  readonly inputs: Record<string, Value>;
  /** Where kernels are recorded at the moment. */
  scope?: string | undefined;
}

/** Runs a part of a traced function; the nodes of its kernels are named `<scope>/<operator>` in the model. */
export function inScope<T>(scope: string, run: () => T): T {
  const { recording } = traceBackend(), outer = recording.scope;
  recording.scope = scope;
  try {
    return run();
  } finally {
    recording.scope = outer;
  }
}

/** Makes a constant that has a name in the model; for use inside a traced function. */
export const namedConstant = (name: string, type: ValueType, constant: HostArray): tf.Tensor =>
  traceBackend().tensor({ ...type, constant, name });

/** Adds an input to the graph while a function is traced. */
export function laterInput(name: string, type: ValueType): tf.Tensor {
  const backend = traceBackend();
  return backend.tensor(backend.recording.inputs[name] = type);
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
  recording: Recording = { kernels: [], types: {}, keepFolded: false, inputs: {} };

  /** Runs a kernel if its inputs are constants, and records it otherwise. */
  run(name: string, tensors: Readonly<Record<string, tf.TensorInfo>>, attributes: Attributes) {
    const inputs: Record<string, Value> = {};
    for (const [key, tensor] of Object.entries(tensors)) if (tensor) inputs[key] = this.viewOf(tensor);
    // A reshape that happens to keep the shape at one size may not at another.
    const isIdentity = name === "Identity" || (!this.recording.keepFolded && keepsShape(name, inputs, attributes));
    if (isIdentity) return this.#info(inputs["x"]!);
    const folded = isFoldable(name, inputs) ? evaluate(name, inputs, attributes, Array.isArray(tensors)) : undefined;
    if (folded && elements([folded].flat()) <= Math.max(FOLDED_ELEMENTS, elements(Object.values(inputs)))) {
      const named = withNameOf(inputs, folded);
      const { kernels, keepFolded } = this.recording;
      if (keepFolded) kernels.push({ name, inputs, attributes, outputs: [named].flat() });
      return this.#infos(named);
    }
    const outputs = this.#record(name, inputs, attributes);
    return this.#infos(outputs);
  }

  #record(name: string, inputs: Readonly<Record<string, Value>>, attributes: Attributes): Value | Value[] {
    const { kernels, types, scope, keepFolded } = this.recording;
    if (!Object.hasOwn(types, name)) throw missingKernel(name, types);
    const inferred = inferOrRefuse(() => types[name]!.infer(inputs, attributes));
    const outputs = Array.isArray(inferred) ? inferred.map(withoutElements) : withoutElements(inferred as ValueType);
    if (keepFolded && WINDOWED.test(name)) checkWindows(name, inputs, [outputs].flat());
    // Results without elements are constants, which no node needs to make; a strided slice may have elements at other sizes.
    const mayGrow = keepFolded && name === tf.StridedSlice;
    if (!mayGrow && [outputs].flat().every(({ constant }) => constant)) return outputs;
    const kernel = { name, inputs, attributes, outputs: [outputs].flat() };
    kernels.push(scope === undefined ? kernel : { ...kernel, scope });
    return outputs;
  }

  readonly #views = new WeakMap<Value, Map<string, Value>>();

  /** The value of a tensor. Tensors of another backend may share elements and have other shapes or types. */
  viewOf({ dataId, shape, dtype }: tf.TensorInfo): Value {
    const value = this.values.get(dataId), { constant } = value;
    if (!constant || (`${value.shape}` === `${shape}` && value.dtype === dtype)) return value;
    const views = this.#views.get(value) ?? new Map<string, Value>(), key = `${dtype}[${shape}]`;
    const type = dtype as DataType,
      view = views.get(key) ?? { ...value, shape, dtype: type, constant: asHostArray(constant, type) };
    this.#views.set(value, views.set(key, view));
    return view;
  }

  /** Makes a tensor that stands for a value. */
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
      throw new TraceError(`a traced function uses a constant of type ${dtype}; cast it to float32, int32 or bool`);
    }
    this.values.set(dataId, { shape, dtype, constant: asHostArray(values as ArrayLike<number>, dtype) });
  }

  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const { constant } = this.values.get(dataId);
    if (!constant) {
      throw new TraceError(
        "a traced function reads the elements of a tensor, which exist only when the graph runs; compute with tensors instead",
      );
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

/** Skips the reshapes to the same shape that TensorFlow.js makes in gradients. */
const keepsShape = (name: string, { x }: Readonly<Record<string, Value>>, { shape }: Attributes) =>
  name === "Reshape" && `${shape}` === `${x!.shape}`;

/** Kernels whose windows may not fit into images of unknown sides. */
const WINDOWED = /Conv|Pool|Dilation/;

/** Refuses a size at which an image has pixels, but no window. */
function checkWindows(name: string, inputs: Readonly<Record<string, Value>>, outputs: readonly Value[]): void {
  if (!outputs.some(({ constant }) => constant) || Object.values(inputs).some(({ shape }) => shape.includes(0))) return;
  const error = new TraceError(`kernel ${name} has windows larger than the image; make them smaller`);
  refusals.add(error);
  throw error;
}

function inferOrRefuse<T>(infer: () => T): T {
  try {
    return infer();
  } catch (error) {
    if (error instanceof TraceError) refusals.add(error);
    throw error;
  }
}

/** A value that is only known by its type; one without elements is a constant. */
const withoutElements = (type: ValueType): Value =>
  type.shape.includes(0) ? { ...type, constant: asHostArray([], type.dtype) } : { ...type };

function isFoldable(name: string, inputs: Readonly<Record<string, Value>>): boolean {
  // Other processes add other numbers to a constant. TensorFlow.js says that not all of no elements are true.
  const isOther = name === "Fill" || name === ALL_REDUCE || (name === "All" && inputs["x"]!.constant?.length === 0);
  return !isOther && Object.values(inputs).every((value) => value.constant);
}

/** Names a constant after the only named constant that it is computed from. */
function withNameOf(inputs: Readonly<Record<string, Value>>, folded: Value | Value[]): Value | Value[] {
  const names = Object.values(inputs).flatMap(({ name }) => name ?? []);
  return names.length === 1 && !Array.isArray(folded) ? { ...folded, name: names[0]! } : folded;
}

/** Runs a kernel on constants, on the CPU backend. Some kernels take a list of inputs, some return a list. */
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
    const constant = asHostArray(cpu.readSync(dataId) as HostArray, dtype as DataType).slice();
    cpu.disposeData(dataId);
    return { shape, dtype: dtype as DataType, constant };
  });
  for (const { dataId } of Object.values(infos)) cpu.disposeData(dataId);
  return Array.isArray(result) ? values : values[0]!;
}

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<DataType, unknown>;

/** Elements in the array of their type: the CPU backend keeps those of a cast in the array of the old type. */
const asHostArray = (elements: ArrayLike<number>, dtype: DataType): HostArray =>
  elements instanceof arrayTypes[dtype] ? elements : arrayTypes[dtype].from(elements);

const elements = (values: readonly Value[]) =>
  values.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0);

function mapValues<T, U>(record: Readonly<Record<string, T>>, fn: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value, key)]));
}
