/**
 * The graph of a traced function: TensorFlow.js kernels in the order in which they ran, and the values between them.
 *
 * @module
 */

/** Element types of traced values. */
export type DataType = "float32" | "int32" | "bool";

/** Host memory of a constant; booleans are bytes of 0 and 1. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

/** The size of a dimension that is known only when the graph runs. */
export const DYNAMIC = -1;

/** Shape and element type of a value. A dimension is a size >= 0, or {@linkcode DYNAMIC}. */
export interface ValueType {
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** A value of the graph, identified by the object itself. A constant carries its elements. */
export interface Value extends ValueType {
  readonly constant?: HostArray;
  /** The name of a constant in the model; default: a number. */
  readonly name?: string;
}

/** One run of a TensorFlow.js kernel. */
export interface Kernel {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
  /** The layer that runs the kernel; its nodes in the model are `<scope>/<operator>`. */
  readonly scope?: string | undefined;
}

/** A kernel's attributes as TensorFlow.js passes them: numbers, strings, booleans and (nested) lists of them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Computes the type of a kernel's result, or of each of a list of results; the kernel itself need not run. */
export type InferType = (
  inputs: Readonly<Record<string, Value>>,
  attributes: Attributes,
) => ValueType | readonly ValueType[];

/** The kernels that a graph may hold, by name. */
export type KernelTypes = Readonly<Record<string, { readonly infer: InferType }>>;

/** A pure function as kernels in an order in which they can run. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly kernels: readonly Kernel[];
}

/** Removes the kernels that no output depends on. */
export function withoutDeadKernels(graph: Graph): Graph {
  const needed = new Set<Value>(Object.values(graph.outputs));
  const kept: Kernel[] = [];
  for (const kernel of graph.kernels.toReversed()) {
    if (!kernel.outputs.some((value) => needed.has(value))) continue;
    kept.push(kernel);
    for (const value of Object.values(kernel.inputs)) needed.add(value);
  }
  return { ...graph, kernels: kept.reverse() };
}
