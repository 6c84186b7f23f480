/**
 * The TensorFlow.js backend that records kernels: each computes only the type of its result.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Attributes, DataType, HostArray, Kernel, KernelTypes, Value, ValueType } from "../graph/graph.ts";
import { asHostArray, COMPLEX, isDataType } from "../graph/host_array.ts";
import { TraceError } from "../graph/trace_error.ts";
import { fold } from "./fold.ts";
import { complexKernel, missingKernel } from "./missing_kernel.ts";
import { callersOf } from "./tensorflow_kernels.ts";

/** The name of the backend. */
export const BACKEND = "onnx-trace";

/** Errors about a kernel's inputs and attributes, which other sizes may avoid. */
const refusals = new WeakSet<Error>();

/** True for an error about a kernel's inputs and attributes, which other sizes may avoid. */
export const dependsOnSizes = (error: Error): boolean => refusals.has(error);

/** A graph while it is recorded. */
interface Recording {
  readonly kernels: Kernel[];
  readonly types: KernelTypes;
  /** Also records the kernels that run on constants, whose results may depend on sizes. */
  readonly keepFolded: boolean;
  /** A value with more elements ends the trace. */
  readonly mostElements: number;
  readonly inputs: Record<string, Value>;
  /** Set where the function reads elements and does not wait for them. */
  refusal?: TraceError;
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

/** The backend, registered once. */
export function traceBackend(): TraceBackend {
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
  readonly values: tf.DataStorage<Value> = new tf.DataStorage(this, {
    moveData: (_, dataId) => this.#take(dataId),
  });
  readonly #idle: Recording = { kernels: [], types: {}, keepFolded: false, mostElements: Infinity, inputs: {} };
  /** The graph that is recorded; outside of traces one that nobody reads. */
  recording: Recording = this.#idle;

  /** Runs a kernel if its inputs are constants, and records it otherwise. */
  run(name: string, tensors: Readonly<Record<string, tf.TensorInfo>>, attributes: Attributes) {
    const inputs: Record<string, Value> = {};
    for (const [key, tensor] of Object.entries(tensors)) if (tensor) inputs[key] = this.viewOf(tensor);
    // A reshape that happens to keep the shape at one size may not at another.
    const isIdentity = name === "Identity" || (!this.recording.keepFolded && keepsShape(name, inputs, attributes));
    if (isIdentity) return this.#info(inputs["x"]!);
    const folded = fold(name, inputs, attributes, Array.isArray(tensors));
    if (!folded) return this.#infos(this.#record(name, inputs, attributes));
    const { kernels, keepFolded } = this.recording;
    if (keepFolded) kernels.push({ name, inputs, attributes, outputs: [folded].flat() });
    return this.#infos(folded);
  }

  #record(name: string, inputs: Readonly<Record<string, Value>>, attributes: Attributes): Value | Value[] {
    const { kernels, types, scope, keepFolded, mostElements } = this.recording;
    if (!Object.hasOwn(types, name)) throw missingKernel(name, types);
    const inferred = inferOrRefuse(() => types[name]!.infer(inputs, attributes));
    if ([...Object.values(inputs), inferred].flat().some(isComplex)) throw complexKernel(name);
    const outputs = Array.isArray(inferred) ? inferred.map(withoutElements) : withoutElements(inferred as ValueType);
    if (keepFolded && WINDOWED.test(name)) checkWindows(name, inputs, [outputs].flat());
    checkElements([outputs].flat(), mostElements);
    // Results without elements are constants, which no node needs to make; a strided slice may have elements at other sizes.
    const mayGrow = keepFolded && name === tf.StridedSlice;
    if (!mayGrow && [outputs].flat().every(({ constant }) => constant)) return outputs;
    const kernel = { name, inputs, attributes, outputs: [outputs].flat() };
    kernels.push(scope === undefined ? kernel : { ...kernel, scope });
    return outputs;
  }

  readonly #views = new WeakMap<Value, Map<string, Value>>();

  /** The value of a tensor. Tensors of another backend may share elements and have other shapes or types. */
  viewOf(tensor: tf.TensorInfo): Value {
    if (this.#isDisposed(tensor)) {
      throw new TraceError("a traced function uses a tensor that is disposed; keep it, or return it from tf.tidy");
    }
    const { dataId, shape, dtype } = tensor;
    const value = this.values.get(dataId), { constant } = value;
    if (!constant || (`${value.shape}` === `${shape}` && value.dtype === dtype)) return value;
    const views = this.#views.get(value) ?? new Map<string, Value>(), key = `${dtype}[${shape}]`;
    const type = dtype as DataType,
      view = views.get(key) ?? { ...value, shape, dtype: type, constant: asHostArray(constant, type) };
    this.#views.set(value, views.set(key, view));
    return view;
  }

  /** True for a tensor that is disposed, and where all tensors that share its elements are. */
  #isDisposed(tensor: tf.TensorInfo): boolean {
    if (tensor instanceof tf.Tensor && tensor.isDisposed) return true;
    return !this.values.has(tensor.dataId) && !tf.engine().state.tensorInfo.has(tensor.dataId);
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

  /** Takes the elements of a tensor from its backend. No backend takes back complex ones, so a copy of these is read. */
  #take(dataId: tf.DataId): void {
    const { shape, dtype } = tf.engine().state.tensorInfo.get(dataId)!;
    if (dtype === COMPLEX) {
      return void this.values.set(dataId, { shape, dtype, constant: tf.engine().readSync(dataId) as HostArray });
    }
    // The old backend loses the elements when they move.
    checkType(dtype);
    tf.engine().moveData(this, dataId);
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype);
    return dataId;
  }

  override move(dataId: tf.DataId, values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType) {
    checkType(dtype);
    this.values.set(dataId, { shape, dtype, constant: asHostArray(values as ArrayLike<number>, dtype) });
  }

  override readSync(dataId: tf.DataId): tf.backend_util.BackendValues {
    const { constant } = this.values.get(dataId);
    if (!constant) {
      throw new TraceError(
        "a traced function reads the elements of a tensor, by data, print or a comparison such as x > 0, which exist only when " +
          "the model runs; compute with tensors, and choose by tf.where instead of if",
      );
    }
    return constant;
  }

  /** While a function is traced, a read that is refused stays pending: its rejection, which nobody handles, would end the process. */
  override read(dataId: tf.DataId): Promise<tf.backend_util.BackendValues> {
    try {
      return Promise.resolve(this.readSync(dataId));
    } catch (error) {
      if (this.recording === this.#idle) return Promise.reject(error);
      this.recording.refusal ??= error as TraceError;
      return new Promise(() => {});
    }
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

/** True for complex numbers, which no graph holds. */
export const isComplex = ({ dtype }: ValueType): boolean => dtype === COMPLEX;

function checkType(dtype: tf.DataType): asserts dtype is DataType {
  if (isDataType(dtype)) return;
  throw new TraceError(`a traced function uses a constant of type ${dtype}; cast it to float32, int32 or bool`);
}

/** Skips the reshapes to the same shape that TensorFlow.js makes in gradients. */
const keepsShape = (name: string, { x }: Readonly<Record<string, Value>>, { shape }: Attributes) =>
  name === "Reshape" && `${shape}` === `${x!.shape}`;

/** Kernels whose windows may not fit into images of unknown sides. */
const WINDOWED = /Conv|Pool|Dilation/;

/** Refuses a size at which an image has pixels, but no window. */
function checkWindows(name: string, inputs: Readonly<Record<string, Value>>, outputs: readonly Value[]): void {
  if (!outputs.some(({ constant }) => constant) || Object.values(inputs).some(({ shape }) => shape.includes(0))) return;
  const error = new TraceError(`${callersOf(name)} has windows larger than the image; make them smaller`);
  refusals.add(error);
  throw error;
}

/** Ends a trace whose values are too large. */
function checkElements(outputs: readonly Value[], most: number): void {
  if (outputs.every(({ shape }) => tf.util.sizeFromShape([...shape]) <= most)) return;
  const error = new TraceError(`a value has more than ${most} elements`);
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
export const withoutElements = (type: ValueType): Value =>
  type.shape.includes(0) ? { ...type, constant: asHostArray([], type.dtype) } : { ...type };
