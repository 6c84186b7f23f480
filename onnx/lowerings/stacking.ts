/**
 * Kernels that stack, repeat and reverse values.
 *
 * @module
 */
import {
  type BroadcastArgsInputs,
  type PackAttrs,
  type ReverseAttrs,
  type ReverseInputs,
  type TileAttrs,
  type TileInputs,
  type UnpackAttrs,
  type UnpackInputs,
  util,
} from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import { axisOf, concatenate, END, slice } from "./move_elements.ts";

/** The axis, counted from the start, that a value of one more dimension has and `rank` dimensions lack. */
const newAxis = (axis: number, rank: number) => axis < 0 ? axis + rank + 1 : axis;

const pack = listLowering<PackAttrs>({
  infer(values, { axis }) {
    const { shape, dtype } = values[0]!;
    // TensorFlow.js leaves the check to the kernel.
    for (const value of values) util.assertShapesMatch([...shape], [...value.shape], "tf.stack: ");
    if (values.some((value) => value.dtype !== dtype)) {
      throw new TraceError("tf.stack of tensors of several types; cast them to one type");
    }
    return { shape: shape.toSpliced(newAxis(axis, shape.length), 0, values.length), dtype };
  },
  lower({ inputs: values, attributes, output }, scope) {
    const axis = newAxis(attributes.axis, values[0]!.shape.length), axes = scope.builder.integers([axis]);
    const parts = values.map((value) => scope.builder.node("Unsqueeze", [scope.name(value), axes]));
    scope.define(output, concatenate(scope, parts, axis));
  },
});

const unpack = lowering<UnpackInputs, UnpackAttrs>({
  infer({ value }, attributes) {
    const axis = axisOf(value, attributes.axis);
    const type = { shape: value.shape.toSpliced(axis, 1), dtype: value.dtype };
    return Array(value.shape[axis]!).fill(type);
  },
  lower({ inputs: { value }, attributes, outputs }, scope) {
    if (outputs.length === 0) return;
    const { builder } = scope, axis = axisOf(value, attributes.axis), axes = builder.integers([axis]);
    const ones = builder.integers(outputs.map(() => 1));
    const parts = outputs.length === 1
      ? [scope.name(value)]
      : builder.nodes("Split", [scope.name(value), ones], { axis }, outputs.length);
    outputs.forEach((part, at) => scope.define(part, builder.node("Squeeze", [parts[at]!, axes])));
  },
});

const tile = lowering<TileInputs, TileAttrs>({
  infer: ({ x }, { reps }) => ({ shape: x.shape.map((size, axis) => size * reps[axis]!), dtype: x.dtype }),
  lower({ inputs: { x }, attributes: { reps }, output }, scope) {
    const name = scope.name(x);
    scope.define(output, reps.length === 0 ? name : scope.builder.node("Tile", [name, scope.sizes.list(reps)]));
  },
});

const reverse = lowering<ReverseInputs, ReverseAttrs>({
  infer: ({ x }) => x,
  lower({ inputs: { x }, attributes: { dims }, output }, scope) {
    const axes = [...new Set(util.parseAxisParam(dims, [...x.shape]))];
    scope.define(output, slice(scope, scope.name(x), axes.map((axis) => ({ axis, begin: -1, end: -END, step: -1 }))));
  },
});

/** The shape to which two shapes, given as lists of int32, broadcast. The shorter one has sizes of 1 before its own. */
const broadcastArgs = lowering<BroadcastArgsInputs>({
  infer: ({ s0, s1 }) => ({ shape: [Math.max(s0.shape[0]!, s1.shape[0]!)], dtype: "int32" }),
  lower({ inputs: { s0, s1 }, output }, scope) {
    const { builder } = scope, one = builder.scalar(1, "int32"), rank = output.shape[0]!;
    const [a, b] = [s0, s1].map((value) => {
      const missing = rank - value.shape[0]!;
      return missing === 0
        ? scope.name(value)
        : builder.node("Pad", [scope.name(value), builder.integers([missing, 0]), one]);
    });
    scope.define(output, builder.node("Where", [builder.node("Equal", [a!, one]), b!, a!]));
  },
});

export const stackingLowerings = {
  BroadcastArgs: broadcastArgs,
  Pack: pack,
  Reverse: reverse,
  Tile: tile,
  Unpack: unpack,
} satisfies Record<string, KernelLowering>;
