/**
 * The graph of a traced function: TensorFlow.js kernels in the order in which they ran, and the values between them.
 *
 * @module
 */

/** Element types of traced values. */
export type DataType = "float32" | "int32" | "bool";

/** Host memory of a constant; booleans are bytes of 0 and 1. */
export type HostArray = Float32Array | Int32Array | Uint8Array;

/** The first of the sizes that are known only when the graph runs; see {@linkcode ValueType}. */
export const DYNAMIC = -1;

/** Tells whether a size is known only when the graph runs. */
export const isDynamic = (size: number): boolean => size < 0;

/**
 * Shape and element type of a value. A dimension is a size >= 0, or a negative number that names a size known only when the
 * graph runs: -1 is the first of the graph's `sizes`, -2 the second one. Equal numbers are equal sizes.
 */
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

/** A size that is known only when the graph runs. */
export interface DynamicSize {
  /** The name of the dimension in the model. */
  readonly name: string;
  /** The size in each of the traces of the function. */
  readonly samples: readonly number[];
  /** How to compute it from sizes of inputs, if it is not one and a formula is known. */
  readonly formula?: SizeFormula;
}

/** The number (factor * product of sizes + offset) / divisor, or factor / product of sizes if it is `inverse`. */
export interface SizeFormula {
  readonly factor: number;
  /** Sizes of inputs, by their negative numbers; a power is a size that stands there twice. */
  readonly sizes: readonly number[];
  readonly offset: number;
  readonly divisor: number;
  readonly inverse: boolean;
}

/** A pure function as kernels in an order in which they can run. */
export interface Graph {
  /** The sizes that are known only when the graph runs, from -1 downwards. Default: none. */
  readonly sizes?: readonly DynamicSize[];
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
