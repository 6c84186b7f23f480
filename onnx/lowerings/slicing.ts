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
import { DYNAMIC, type Value } from "../graph/graph.ts";
import { type KernelLowering, lowering } from "./lowering.ts";

/** Completes a slice's begin and size, which may be single numbers or lists of the first axes. */
function slicing({ shape, dtype }: Value, { begin, size }: SliceAttrs): { begin: number[]; size: number[] } {
  const tensor: TensorInfo = { dataId: {}, shape: [...shape], dtype };
  const [first, sizes] = slice_util.parseSliceParams(tensor, begin, size);
  return { begin: first!, size: sizes! };
}

const sliceKernel = lowering<SliceInputs, SliceAttrs>({
  infer: ({ x }, attributes) => ({ shape: slicing(x, attributes).size, dtype: x.dtype }),
  lower({ inputs: { x }, attributes, output }, scope) {
    const layout = layoutToMove(scope, [x], keepsChannels(x, output));
    const ranges = slicing(x, attributes).begin.map((begin, axis): Range => {
      const size = output.shape[axis]!;
      return { axis: axisIn(layout, axis), begin, end: size === DYNAMIC ? END : begin + size };
    });
    const cut = ranges.filter((_, axis) => x.shape[axis] !== output.shape[axis]);
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
    const sizes = scope.builder.integers(outputs.map(({ shape }) => shape[axis]! / unit));
    const operands = [scope.name(x, layout), sizes];
    const names = scope.builder.nodes("Split", operands, { axis: axisIn(layout, axis) }, outputs.length);
    outputs.forEach((value, at) => scope.define(value, names[at]!, layout));
  },
});

function splitSizes(size: number, parts: number | readonly number[]): number[] {
  if (typeof parts === "number") return Array(parts).fill(size / parts);
  const known = parts.reduce((sum, part) => part === -1 ? sum : sum + part, 0);
  return parts.map((part) => part === -1 ? size - known : part);
}

const stridedRanges = ({ shape }: Value, attributes: StridedSliceAttrs) =>
  slice_util.sliceInfo(
    [...shape],
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );

const stridedSlice = lowering<StridedSliceInputs, StridedSliceAttrs>({
  infer: ({ x }, attributes) => ({ shape: stridedRanges(x, attributes).finalShape, dtype: x.dtype }),
  lower({ inputs: { x }, attributes, output }, scope) {
    const { begin, end, strides, finalShape } = stridedRanges(x, attributes);
    const ranges = begin.map((first, axis): Range => {
      const step = strides[axis]!;
      return { axis, begin: first, end: step < 0 && end[axis]! < 0 ? -END : end[axis]!, step };
    });
    const sliced = slice(scope, scope.name(x), ranges);
    const reshaped = attributes.newAxisMask !== 0 || attributes.shrinkAxisMask !== 0;
    scope.define(output, reshaped ? scope.reshape(sliced, finalShape) : sliced);
  },
});

export const slicingLowerings = {
  Slice: sliceKernel,
  SplitV: split,
  StridedSlice: stridedSlice,
} satisfies Record<string, KernelLowering>;
