/**
 * Kernels that take parts of a value.
 *
 * @module
 */
import {
  slice_util,
  type SliceAttrs,
  type SliceInputs,
  type SplitVAttrs,
  type SplitVInputs,
  type StridedSliceAttrs,
  type StridedSliceInputs,
  type TensorInfo,
} from "@tensorflow/tfjs";
import { axisIn } from "./layouts.ts";
import { axisOf, END, keepsChannels, layoutToMove, type Range, slice } from "./move_elements.ts";
import { isDynamic, type Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { zeroUnless } from "./runtime_check.ts";

/** Completes a slice's begin and size, which may be single numbers or lists of the first axes. */
function slicing({ shape, dtype }: Value, { begin, size }: SliceAttrs): { begin: number[]; size: number[] } {
  const tensor: TensorInfo = { dataId: {}, shape: [...shape], dtype };
  const [first, sizes] = slice_util.parseSliceParams(tensor, begin, size);
  return { begin: first!, size: sizes! };
}

/** The begin of a slice along every axis; one that depends on an unknown size has its number. */
const beginsOf = ({ shape }: Value, { begin }: SliceAttrs): number[] => {
  const first = typeof begin === "number" ? [begin] : begin;
  return shape.map((_, axis) => first[axis] ?? 0);
};

/** Tells whether a slice of an axis reaches its end at every size. */
function reachesEnd({ sizes }: LayoutScope, whole: number, begin: number, size: number): boolean {
  const [of, from, cut] = [whole, begin, size].map((number) => sizes.samples(number));
  const at = (samples: readonly number[], trace: number) => samples[trace % samples.length]!;
  return isDynamic(whole) && of!.every((total, trace) => at(from!, trace) + at(cut!, trace) === total);
}

/** A slice of an axis. ONNX cuts one that ends behind the axis; TensorFlow.js refuses it, and so does the model. */
function rangeOf(scope: LayoutScope, axis: number, whole: number, begin: number, size: number): Omit<Range, "axis"> {
  const { builder, sizes } = scope, from = sizes.of(begin);
  if (reachesEnd(scope, whole, begin, size)) return { begin: from, end: END };
  const end = sizes.add(from, sizes.of(size));
  if (![whole, begin, size].some(isDynamic)) return { begin: from, end };
  const excess = sizes.list([sizes.larger(sizes.subtract(end, sizes.of(whole)), 0)]);
  const zero = zeroUnless(builder, excess, `slice_must_end_within_dimension_${axis}`);
  return { begin: from, end: sizes.add(end, zero) };
}

const sliceKernel = lowering<SliceInputs, SliceAttrs>({
  infer({ x }, attributes) {
    const { begin, size } = slicing(x, attributes);
    const outside = x.shape.findIndex((whole, axis) => begin[axis]! < 0 || begin[axis]! + size[axis]! > whole);
    if (outside < 0) return { shape: size, dtype: x.dtype };
    throw new TraceError(
      `tf.slice of [${x.shape}] from [${begin}] of size [${size}] ends outside of dimension ${outside}; make it smaller`,
    );
  },
  lower({ inputs: { x }, attributes, output }, scope) {
    const layout = layoutToMove(scope, [x], keepsChannels(x, output));
    const begins = beginsOf(x, attributes);
    const ranges = begins.map((begin, axis): Range => ({
      axis: axisIn(layout, axis),
      ...rangeOf(scope, axis, x.shape[axis]!, begin, output.shape[axis]!),
    }));
    const cut = ranges.filter((_, axis) => begins[axis] !== 0 || x.shape[axis] !== output.shape[axis]);
    scope.define(output, slice(scope, scope.name(x, layout), cut), layout);
  },
});

const split = lowering<SplitVInputs, SplitVAttrs>({
  infer({ x }, { numOrSizeSplits, axis }) {
    const at = axisOf(x, axis);
    return splitSizes(x.shape[at]!, numOrSizeSplits).map((size) => ({ shape: x.shape.with(at, size), dtype: x.dtype }));
  },
  lower({ inputs: { x }, attributes, outputs }, scope) {
    const axis = axisOf(x, attributes.axis);
    const layout = layoutToMove(scope, [x], axis !== 3 || outputs.every((value) => scope.canBlock(value)));
    const unit = layout === "blocked" && axis === 3 ? scope.block! : 1;
    const lengths = outputs.map(({ shape }) => unit === 1 ? shape[axis]! : shape[axis]! / unit);
    const operands = [scope.name(x, layout), scope.sizes.list(lengths)];
    const names = outputs.length === 1
      ? operands
      : scope.builder.nodes("Split", operands, { axis: axisIn(layout, axis) }, outputs.length);
    outputs.forEach((value, at) => scope.define(value, names[at]!, layout));
  },
});

function splitSizes(size: number, parts: number | readonly number[]): number[] {
  if (typeof parts === "number") return Array(parts).fill(size / parts);
  const known = parts.reduce((sum, part) => part === -1 ? sum : sum + part, 0);
  return parts.map((part) => part === -1 ? size - known : part);
}

/** A size larger than any index, for an unknown one: what comes near it counts from the end. */
const UNKNOWN_SIZE = 2 ** 30;

/** The ranges of a strided slice of every axis of a value, as TensorFlow.js derives them from the masks. */
function stridedRanges(
  { shape }: Value,
  attributes: StridedSliceAttrs,
): { finalShape: number[]; ranges: StridedRange[] } {
  const { begin, end, strides, finalShape } = slice_util.sliceInfo(
    shape.map((size) => isDynamic(size) ? UNKNOWN_SIZE : size),
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );
  const ranges = begin.map((first, axis): StridedRange => {
    const step = strides[axis]!, last = end[axis]!;
    return { axis, begin: boundary(first), end: step < 0 && last < 0 ? -END : boundary(last), step };
  });
  return { finalShape, ranges };
}

/** An index, from the end if it was derived from an unknown size. */
function boundary(index: number): number {
  if (index < UNKNOWN_SIZE / 2) return index;
  return index < UNKNOWN_SIZE ? index - UNKNOWN_SIZE : END;
}

/** A range of known numbers. */
interface StridedRange extends Range {
  readonly begin: number;
  readonly end: number;
  readonly step: number;
}

/**
 * True if a range that runs backwards, from an element counted from the end, may begin before the first element of a short
 * axis. There it has no elements; ONNX would begin at the first one.
 */
const mayBeginBefore = ({ axis, begin, step }: StridedRange, { shape }: Value): boolean =>
  step < 0 && begin < -1 && isDynamic(shape[axis]!);

/** The same range, where what lies behind its first element has been cut off. */
const fromLast = ({ begin, end, ...range }: StridedRange): StridedRange => ({
  ...range,
  begin: -1,
  end: end < 0 && end > -END ? end - begin - 1 : end,
});

const takesAll = ({ begin, end, step }: Range, size: number) =>
  begin === 0 && step === 1 && end === (isDynamic(size) ? END : size);

/** Finds the axes of x that a strided slice drops, and the axes of the result that it adds. */
function changedAxes(attributes: StridedSliceAttrs, rank: number): { dropped: number[]; added: number[] } {
  const { begin, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const has = (mask: number, at: number) => (mask & (1 << at)) !== 0;
  const entries = begin.map((_, at) => at);
  const real = entries.filter((at) => !has(ellipsisMask, at) && !has(newAxisMask, at)).length;
  const dropped: number[] = [], added: number[] = [];
  let axis = 0, place = 0;
  for (const at of entries) {
    const isAdded = !has(ellipsisMask, at) && has(newAxisMask, at);
    const isDropped = !has(ellipsisMask, at) && !isAdded && has(shrinkAxisMask, at);
    const covered = has(ellipsisMask, at) ? rank - real : 1;
    if (isAdded) added.push(place);
    if (isDropped) dropped.push(axis);
    axis += isAdded ? 0 : covered;
    place += isDropped ? 0 : covered;
  }
  return { dropped, added };
}

const stridedSlice = lowering<StridedSliceInputs, StridedSliceAttrs>({
  infer: ({ x }, attributes) => ({ shape: stridedRanges(x, attributes).finalShape, dtype: x.dtype }),
  lower({ inputs: { x }, attributes, output }, scope) {
    const { builder } = scope, { dropped, added } = changedAxes(attributes, x.shape.length);
    const cut = stridedRanges(x, attributes).ranges.filter((range, axis) => !takesAll(range, x.shape[axis]!));
    const backwards = cut.filter((range) => mayBeginBefore(range, x));
    const before = slice(
      scope,
      scope.name(x),
      backwards.map(({ axis, begin }) => ({ axis, begin: 0, end: begin + 1 })),
    );
    const sliced = slice(scope, before, cut.map((range) => backwards.includes(range) ? fromLast(range) : range));
    const squeezed = dropped.length === 0 ? sliced : builder.node("Squeeze", [sliced, builder.integers(dropped)]);
    scope.define(
      output,
      added.length === 0 ? squeezed : builder.node("Unsqueeze", [squeezed, builder.integers(added)]),
    );
  },
});

export const slicingLowerings = {
  Slice: sliceKernel,
  SplitV: split,
  StridedSlice: stridedSlice,
} satisfies Record<string, KernelLowering>;
