/**
 * Kernels that move elements, or make new ones, without arithmetic.
 *
 * @module
 */
import {
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type ExpandDimsInputs,
  type FillAttrs,
  type OneHotAttrs,
  type OneHotInputs,
  type OnesLikeInputs,
  type PadV2Attrs,
  type PadV2Inputs,
  type ReshapeAttrs,
  type ReshapeInputs,
  slice_util,
  type SliceAttrs,
  type SliceInputs,
  type SplitVAttrs,
  type SplitVInputs,
  type StridedSliceAttrs,
  type StridedSliceInputs,
  type TensorInfo,
  type TransposeAttrs,
  type TransposeInputs,
  util,
} from "@tensorflow/tfjs";
import { concatenate, END, pad, type Padding, type Range, slice } from "./move_elements.ts";
import { dataTypeOf } from "./data_type.ts";
import { type DataType, DYNAMIC, type Value, type ValueType } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { axisIn, type Layout, permuteTo } from "./layouts.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import { elementType, type Name } from "../file/model_builder.ts";

/** Chooses the layout in which to move values; blocked only if channels stay where they are in their blocks. */
function layoutToMove(scope: LayoutScope, values: readonly Value[], blocksStay: boolean): Layout {
  const layout = scope.preferredLayout(values);
  return layout === "blocked" && !blocksStay ? "channelsFirst" : layout;
}

const keepsChannels = (x: Value, output: Value): boolean => x.shape[3] === output.shape[3];

/** The axis, counted from the start, that an attribute names. */
const axisOf = ({ shape }: Value, axis: number): number => util.parseAxisParam(axis, [...shape])[0]!;

const concat = listLowering<ConcatAttrs>({
  infer(values, { axis }) {
    const first = values[0]!, at = axisOf(first, axis);
    const size = values.reduce((sum, { shape }) => sum + shape[at]!, 0);
    return { shape: first.shape.with(at, size), dtype: first.dtype };
  },
  lower({ inputs: values, attributes, output }, scope) {
    const axis = axisOf(values[0]!, attributes.axis);
    const layout = layoutToMove(scope, values, axis !== 3 || values.every((value) => scope.canBlock(value)));
    const names = values.map((value) => scope.name(value, layout));
    scope.define(output, concatenate(scope, names, axisIn(layout, axis)), layout);
  },
});

const expandDims = lowering<ExpandDimsInputs, ExpandDimsAttrs>({
  infer({ input: { shape, dtype } }, { dim }) {
    const at = dim < 0 ? dim + shape.length + 1 : dim;
    return { shape: shape.toSpliced(at, 0, 1), dtype };
  },
  lower({ inputs: { input }, output }, scope) {
    scope.define(output, scope.reshape(scope.name(input), output.shape));
  },
});

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<DataType, unknown>;

function filled({ builder }: LayoutScope, value: number, { shape, dtype }: ValueType): Name {
  const element = builder.constant(arrayTypes[dtype].of(value), [], dtype);
  return builder.node("Expand", [element, builder.integers(shape)]);
}

/** A kernel that gives a number in the shape and type of its input. */
const filledLike = (value: number) =>
  lowering<OnesLikeInputs>({
    infer: ({ x }) => x,
    lower: ({ output }, scope) => scope.define(output, filled(scope, value, output)),
  });

const fill = lowering<Record<never, never>, FillAttrs>({
  infer: (_, { shape, dtype }) => ({ shape, dtype: dataTypeOf("Fill", dtype) }),
  // A string would have the type that `infer` rejects.
  lower: ({ attributes: { value }, output }, scope) => scope.define(output, filled(scope, Number(value), output)),
});

/** Compares with 0 to depth - 1 along a new last axis. */
const oneHot = lowering<OneHotInputs, OneHotAttrs>({
  infer: ({ indices }, { depth, dtype }) => ({ shape: [...indices.shape, depth], dtype: dataTypeOf("OneHot", dtype) }),
  lower({ inputs, attributes: { depth, onValue, offValue }, output }, scope) {
    const { builder } = scope;
    const indices = builder.node("Unsqueeze", [scope.name(inputs.indices), builder.integers([-1])]);
    const classes = builder.constant(Int32Array.from({ length: depth }, (_, at) => at), [depth], "int32");
    const chosen = builder.node("Where", [
      builder.node("Equal", [indices, classes]),
      builder.scalar(onValue),
      builder.scalar(offValue),
    ]);
    const { dtype } = output;
    scope.define(output, dtype === "float32" ? chosen : builder.node("Cast", [chosen], { to: elementType[dtype] }));
  },
});

const padV2 = lowering<PadV2Inputs, PadV2Attrs>({
  infer: ({ x }, { paddings }) => ({
    shape: x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]),
    dtype: x.dtype,
  }),
  lower({ inputs: { x }, attributes: { paddings, constantValue }, output }, scope) {
    const layout = layoutToMove(scope, [x], keepsChannels(x, output));
    const inLayout = permuteTo<Padding>(layout, paddings, [0, 0]);
    scope.define(output, pad(scope, scope.name(x, layout), inLayout, constantValue), layout);
  },
});

const reshape = lowering<ReshapeInputs, ReshapeAttrs>({
  infer: ({ x }, { shape }) => ({
    shape: util.inferFromImplicitShape(shape, util.sizeFromShape([...x.shape])),
    dtype: x.dtype,
  }),
  lower({ inputs: { x }, output }, scope) {
    const same = `${x.shape}` === `${output.shape}`;
    scope.define(output, same ? scope.name(x) : scope.reshape(scope.name(x), output.shape));
  },
});

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

/** Moves nothing between natural and channels-first images: the value has another layout. */
const transpose = lowering<TransposeInputs, TransposeAttrs>({
  infer: ({ x }, { perm }) => ({ shape: perm.map((axis) => x.shape[axis]!), dtype: x.dtype }),
  lower({ inputs: { x }, attributes: { perm }, output }, scope) {
    if (`${perm}` === "0,2,3,1") return scope.define(output, scope.name(x), "channelsFirst");
    if (`${perm}` === "0,3,1,2") return scope.define(output, scope.name(x, "channelsFirst"));
    scope.define(output, scope.builder.node("Transpose", [scope.name(x)], { perm }));
  },
});

export const movementLowerings = {
  Concat: concat,
  ExpandDims: expandDims,
  Fill: fill,
  OneHot: oneHot,
  OnesLike: filledLike(1),
  PadV2: padV2,
  Reshape: reshape,
  Slice: sliceKernel,
  SplitV: split,
  StridedSlice: stridedSlice,
  Transpose: transpose,
  ZerosLike: filledLike(0),
} satisfies Record<string, KernelLowering>;
