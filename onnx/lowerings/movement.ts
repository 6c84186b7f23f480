/**
 * Kernels that move the elements of whole values, without arithmetic.
 *
 * @module
 */
import {
  backend_util,
  type ConcatAttrs,
  type ExpandDimsAttrs,
  type ExpandDimsInputs,
  type PadV2Attrs,
  type PadV2Inputs,
  type ReshapeAttrs,
  type ReshapeInputs,
  type TransposeAttrs,
  type TransposeInputs,
  util,
} from "@tensorflow/tfjs";
import { axisOf, concatenate, keepsChannels, layoutToMove, pad, type Padding } from "./move_elements.ts";
import { axisIn, permuteTo } from "./layouts.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import { stored } from "./number_lowering.ts";

const concat = listLowering<ConcatAttrs>({
  infer(values, { axis }) {
    const first = values[0]!, at = axisOf(first, axis);
    // TensorFlow.js leaves the check to the kernel.
    backend_util.assertParamsConsistent(values.map(({ shape }) => [...shape]), at);
    const size = values.reduce((sum, { shape }) => sum + shape[at]!, 0);
    return { shape: first.shape.with(at, size), dtype: first.dtype };
  },
  lower({ inputs: values, attributes, output }, scope) {
    const axis = axisOf(values[0]!, attributes.axis);
    const layout = layoutToMove(scope, values, axis !== 3 || values.every((value) => scope.canBlock(value)));
    // The result has the type of the first tensor.
    const names = values.map((value) => stored(scope.builder, scope.name(value, layout), value.dtype, output.dtype));
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

const padV2 = lowering<PadV2Inputs, PadV2Attrs>({
  infer: ({ x }, { paddings }) => ({
    shape: x.shape.map((size, axis) => size + paddings[axis]![0] + paddings[axis]![1]),
    dtype: x.dtype,
  }),
  lower({ inputs: { x }, attributes: { paddings, constantValue }, output }, scope) {
    const layout = layoutToMove(scope, [x], keepsChannels(x, output));
    const sides = paddings.map(([before, after]): Padding => [scope.sizes.of(before), scope.sizes.of(after)]);
    const inLayout = permuteTo<Padding>(layout, sides, [0, 0]);
    const element = scope.builder.scalar(constantValue, x.dtype);
    scope.define(output, pad(scope, scope.name(x, layout), inLayout, element), layout);
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
  PadV2: padV2,
  Reshape: reshape,
  Transpose: transpose,
} satisfies Record<string, KernelLowering>;
