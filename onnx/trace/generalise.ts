/**
 * Joins the traces of one function, at several sizes of its unknown dimensions, into one graph for any size.
 *
 * Sizes that differ between the traces get negative numbers; those that agree in all traces are one size. Whatever else
 * differs is computed when the graph runs, or is refused: a trace shows what a function does at its sizes and not why.
 *
 * @module
 */
import { Fill, StridedSlice, type StridedSliceAttrs, Tile, util } from "@tensorflow/tfjs";
import { exactJson } from "../graph/exact_json.ts";
import type { Attributes, Graph, HostArray, Kernel, SizeFormula, Value, ValueType } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { mayHaveElements } from "./may_have_elements.ts";
import { withOpenEnds } from "./open_ends.ts";
import { withRangeSteps } from "./range_steps.ts";
import { SizeTable } from "./size_table.ts";
import { callersOf } from "./tensorflow_kernels.ts";

/** The kernel of a constant whose elements are equal, and depend on sizes as its shape may. */
export const UNIFORM_CONSTANT = "UniformConstant";

/** The kernel of a constant matrix of ones on the diagonal and zeros elsewhere, whose shape depends on sizes. */
export const IDENTITY_MATRIX = "IdentityMatrix";

/** The traces are not of the same kernels. */
export class DifferentKernelsError extends TraceError {}

/** Attributes of {@linkcode UNIFORM_CONSTANT}. */
export interface UniformAttributes extends ValueType {
  readonly element: number | SizeFormula;
}

/** Attributes whose sizes lowerings compute when the graph runs. */
const COMPUTED: ReadonlySet<string> = new Set([
  "Conv2DBackpropInput.inputShape",
  "Conv3DBackpropInputV2.inputShape",
  "DepthwiseConv2dNativeBackpropInput.inputShape",
  "Fill.shape",
  "LinSpace.num",
  "OneHot.depth",
  "PadV2.paddings",
  "Reshape.shape",
  "ResizeBilinear.size",
  "ResizeBilinearGrad.size",
  "ResizeNearestNeighbor.size",
  "ResizeNearestNeighborGrad.size",
  "Slice.begin",
  "Slice.size",
  "SplitV.numOrSizeSplits",
  "Tile.reps",
  "TopK.k",
  "UnsortedSegmentSum.numSegments",
]);

/** Attributes that say no more than the shape of the result, which lowerings read in their place. */
const IMPLIED: ReadonlySet<string> = new Set(["Range.stop"]);

/**
 * @param traces one at each size
 * @throws {TraceError} if they differ in something that cannot be computed from sizes
 */
export function generalise(traces: readonly Graph[]): Graph {
  return new Joining(traces).graph();
}

class Joining {
  readonly #sizes = new SizeTable();
  /** The values of each trace, and the joined value of each. */
  readonly #joined: readonly Map<Value, Value>[];
  readonly #kernels: Kernel[] = [];

  constructor(readonly traces: readonly Graph[]) {
    this.#joined = traces.map(() => new Map());
  }

  graph(): Graph {
    const inputs = this.#each(this.traces.map(({ inputs }) => inputs), (values, name) => this.#input(name, values));
    const counts = this.traces.map(({ kernels }) => kernels.length);
    if (counts.some((count) => count !== counts[0])) throw differentKernels(...firstDifference(this.traces));
    this.traces[0]!.kernels.forEach((_, at) => this.#kernel(this.traces.map(({ kernels }) => kernels[at]!)));
    const outputs = this.#each(this.traces.map(({ outputs }) => outputs), (values) => this.#value(values));
    return { inputs, kernels: this.#kernels, outputs, sizes: this.#sizes.sizes() };
  }

  #input(name: string, values: readonly Value[]): Value {
    const [first] = values as [Value];
    first.shape.forEach((_, axis) => {
      const samples = values.map(({ shape }) => shape[axis]!), isBatch = axis === 0 && !this.#isNamed.has("batch");
      const wanted = isBatch ? "batch" : `${name}_${axis}`;
      if (samples.some((size) => size !== samples[0])) this.#isNamed.add(wanted);
      this.#sizes.addInput(wanted, samples);
    });
    const { constant, ...rest } = first, shape = this.#shape(values);
    // An input without elements is a constant.
    return this.#define(values, constant && isFixed(shape) ? { ...first, shape } : { ...rest, shape });
  }

  readonly #isNamed = new Set<string>();

  #kernel(kernels: readonly Kernel[]): void {
    const [first] = kernels as [Kernel];
    const isAlike = ({ name, outputs }: Kernel) => name === first.name && outputs.length === first.outputs.length;
    if (!kernels.every(isAlike)) throw differentKernels(first, kernels.find((kernel) => !isAlike(kernel)));
    const outputs = first.outputs.map((_, at) => kernels.map(({ outputs }) => outputs[at]!));
    if (outputs.every((values) => this.#isConstant(values))) {
      this.#checkEmptySlice(first);
      return outputs.forEach((values) => this.#define(values, values[0]!));
    }
    const element = this.#fillFormula(kernels);
    if (element) return void this.#define(outputs[0]!, this.#made(UNIFORM_CONSTANT, outputs[0]!, { element }));
    const inputs = this.#each(kernels.map(({ inputs }) => inputs), (values) => this.#value(values, first));
    const attributes = this.#attributes(withRangeSteps(withOpenEnds(kernels)));
    this.#kernels.push({
      ...first,
      inputs,
      attributes,
      outputs: outputs.map((values) => this.#define(values, { dtype: values[0]!.dtype, shape: this.#shape(values) })),
    });
  }

  /** Refuses a strided slice that has no elements in any trace, but some at other sizes. */
  #checkEmptySlice({ name, inputs: { x }, attributes }: Kernel): void {
    if (name !== StridedSlice || x!.constant) return;
    const { shape } = this.#joined[0]!.get(x!) ?? x!;
    if (!mayHaveElements(shape, attributes as unknown as StridedSliceAttrs)) return;
    throw new TraceError("tf.stridedSlice takes elements only at some sizes of a dynamic dimension; fix the dimension");
  }

  /** The joined value of one in each trace, which a kernel reads or the function returns. */
  #value(values: readonly Value[], reader?: Kernel): Value {
    const known = this.#joined[0]!.get(values[0]!);
    if (values.some((value, trace) => this.#joined[trace]!.get(value) !== known)) throw differentKernels(reader);
    if (known) return known;
    return this.#define(values, this.#isConstant(values) ? values[0]! : this.#uniform(values, reader));
  }

  #define(values: readonly Value[], joined: Value): Value {
    values.forEach((value, trace) => this.#joined[trace]!.set(value, joined));
    return joined;
  }

  /** True if the traces share a constant. */
  #isConstant(values: readonly Value[]): boolean {
    const [{ constant, shape }] = values as [Value];
    return constant !== undefined &&
      values.every((value) =>
        `${value.shape}` === `${shape}` && value.constant !== undefined && sameElements(constant, value.constant)
      );
  }

  /** Adds the kernel of a constant that differs between the traces. */
  #uniform(values: readonly Value[], reader?: Kernel): Value {
    if (values.every(isIdentityMatrix)) return this.#made(IDENTITY_MATRIX, values, {});
    const elements = values.map(({ constant }) => uniformElement(constant!));
    if (elements.some((element) => element === undefined)) {
      if (haveEqualRows(values)) return this.#repeated(values);
      throw dependentConstant(reader);
    }
    const isEqual = elements.every((element) => Object.is(element, elements[0]));
    const element = isEqual ? elements[0]! : this.#sizes.formula(elements as number[]);
    if (element === undefined) throw dependentConstant(reader);
    return this.#made(UNIFORM_CONSTANT, values, { element });
  }

  /** The number that `tf.fill` repeats, if it differs between the traces and depends on sizes alone. */
  #fillFormula(kernels: readonly Kernel[]): SizeFormula | undefined {
    const [{ name, outputs: [output] }] = kernels as [Kernel];
    const numbers = kernels.map(({ attributes }) => attributes["value"] as number);
    if (name !== Fill || numbers.every((number) => Object.is(number, numbers[0]))) return undefined;
    const isKept = output!.dtype === "float32" ? Number.isFinite : isWhole;
    return numbers.every(isKept) ? this.#sizes.formula(numbers) : undefined;
  }

  /** Adds the kernel that repeats the row of a constant whose rows are equal. */
  #repeated(values: readonly Value[]): Value {
    const [{ shape: [, ...rest], dtype, constant }] = values as [Value], shape = this.#shape(values);
    const x: Value = { shape: [1, ...rest], dtype, constant: constant!.slice(0, sizeOf(rest)) };
    const value: Value = { dtype, shape };
    this.#kernels.push({
      name: Tile,
      inputs: { x },
      attributes: { reps: [shape[0], ...rest.map(() => 1)] },
      outputs: [value],
    });
    return value;
  }

  /** Adds a kernel that makes a constant. */
  #made(name: string, values: readonly Value[], own: Attributes): Value {
    const value: Value = { dtype: values[0]!.dtype, shape: this.#shape(values) };
    // The type tells constants apart that are equal otherwise.
    const attributes = { ...own, shape: value.shape, dtype: value.dtype };
    this.#kernels.push({ name, inputs: {}, attributes, outputs: [value] });
    return value;
  }

  #shape(values: readonly Value[]): number[] {
    const [{ shape }] = values as [Value];
    if (values.some((value) => value.shape.length !== shape.length)) throw differentKernels();
    return shape.map((_, axis) => this.#sizes.size(values.map(({ shape }) => shape[axis]!)));
  }

  #attributes(kernels: readonly Kernel[]): Attributes {
    const [{ name, attributes }] = kernels as [Kernel];
    return Object.fromEntries(
      Object.keys(attributes).map((key) => {
        const isComputed = COMPUTED.has(`${name}.${key}`);
        const join = (values: readonly unknown[]): unknown => {
          const [first] = values, written = exactJson(first);
          if (IMPLIED.has(`${name}.${key}`) || values.every((value) => exactJson(value) === written)) return first;
          if (values.every(Array.isArray) && !isListOfLists(values)) throw differentKernels(kernels[0]);
          if (isListOfLists(values)) return values[0]!.map((_, at) => join(values.map((list) => list[at])));
          if (!isComputed || !values.every(isWhole)) throw dependentAttribute(kernels[0]!, key);
          return this.#sizes.size(values as number[]);
        };
        return [key, join(kernels.map(({ attributes }) => attributes[key]))];
      }),
    );
  }

  #each<T, U>(records: readonly Readonly<Record<string, T>>[], fn: (items: T[], key: string) => U): Record<string, U> {
    const keys = records.map((record) => Object.keys(record).join());
    if (keys.some((key) => key !== keys[0])) throw differentKernels();
    return Object.fromEntries(
      Object.keys(records[0]!).map((key) => [key, fn(records.map((record) => record[key]!), key)]),
    );
  }
}

/** Tells whether all values are lists, of one length. */
const isListOfLists = (values: readonly unknown[]): values is readonly (readonly unknown[])[] =>
  values.every((value) => Array.isArray(value) && value.length === (values[0] as unknown[]).length);

const isWhole = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

const isFixed = (shape: readonly number[]) => shape.every((size) => size >= 0);

/** The element that all elements equal, 0 for none. */
const uniformElement = (data: HostArray): number | undefined =>
  data.every((element) => Object.is(element, data[0])) ? data[0] ?? 0 : undefined;

const sizeOf = (shape: readonly number[]) => util.sizeFromShape([...shape]);

/** True if constants have one row, in all traces, as often as a size says. */
function haveEqualRows(values: readonly Value[]): boolean {
  const [{ shape: [count, ...rest], constant }] = values as [Value], width = sizeOf(rest);
  if (count === undefined || width < 2) return false;
  return values.every((value) =>
    `${value.shape.slice(1)}` === `${rest}` &&
    value.constant!.every((element, at) => Object.is(element, constant![at % width]))
  );
}

const isIdentityMatrix = ({ shape, constant }: Value): boolean => {
  const [, columns] = shape;
  return shape.length === 2 &&
    constant!.every((element, at) => Object.is(element, Number(Math.floor(at / columns!) === at % columns!)));
};

/** Weights have millions of elements, and are mostly one array in all traces. */
function sameElements(a: HostArray, b: HostArray): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!Object.is(a[at], b[at])) return false;
  return true;
}

/** The first kernels that differ between traces. */
function firstDifference([first, ...others]: readonly Graph[]): Kernel[] {
  const different = others.map(({ kernels }) => {
    const at = first!.kernels.findIndex(({ name }, at) => kernels[at]?.name !== name);
    return { at: at < 0 ? first!.kernels.length : at, kernels };
  });
  const { at, kernels } = different.reduce((least, next) => next.at < least.at ? next : least);
  return [first!.kernels[at], kernels[at]].filter((kernel) => kernel !== undefined);
}

/** The function that runs a kernel, and the layer where it runs. */
const described = ({ name, scope }: Kernel): string => scope ? `layer ${scope} (${callersOf(name)})` : callersOf(name);

const differentKernels = (...kernels: readonly (Kernel | undefined)[]) => {
  const all = new Set(kernels.flatMap((kernel) => kernel ? [described(kernel)] : []));
  const what = [...all].join(" and ");
  return new DifferentKernelsError(
    `a traced function runs other kernels at another size of a dynamic dimension${
      what && `, from ${what} on`
    }; fix the dimension`,
  );
};

const dependentConstant = (reader: Kernel | undefined) =>
  new TraceError(
    `${reader ? `${described(reader)} reads` : "a traced function returns"} a constant that depends on a dynamic ` +
      "dimension; compute it from tensors or fix the dimension",
  );

const dependentAttribute = (kernel: Kernel, attribute: string) =>
  new TraceError(
    `attribute ${attribute} of ${described(kernel)} depends on a dynamic dimension; fix the dimension`,
  );
