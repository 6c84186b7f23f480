/**
 * Kernels that make values of given numbers.
 *
 * @module
 */
import type { FillAttrs, LinSpaceAttrs, OneHotAttrs, OneHotInputs, OnesLikeInputs, RangeAttrs } from "@tensorflow/tfjs";
import { dataTypeOf } from "./data_type.ts";
import { isDynamic, type ValueType } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType, type Name } from "../file/encode.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import type { LayoutScope } from "./layout_scope.ts";

function filled({ builder, sizes }: LayoutScope, value: number, { shape, dtype }: ValueType): Name {
  const element = builder.scalar(value, dtype);
  return builder.node("Expand", [element, sizes.list(shape)]);
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
  infer({ indices }, { depth, onValue, offValue, dtype }) {
    const isWhole = Number.isInteger(onValue) && Number.isInteger(offValue);
    if (dtype !== "float32" && !isWhole) {
      throw new TraceError(
        `tf.oneHot of ${dtype} has the values ${onValue} and ${offValue}, which TensorFlow.js's backends round or keep; ` +
          'pass "float32" as its type',
      );
    }
    return { shape: [...indices.shape, depth], dtype: dataTypeOf("OneHot", dtype) };
  },
  lower({ inputs, attributes: { depth, onValue, offValue }, output }, scope) {
    const { builder } = scope;
    const indices = builder.node("Unsqueeze", [scope.name(inputs.indices), builder.integers([-1])]);
    const classes = isDynamic(depth)
      ? places(scope, { shape: [depth], dtype: "int32" })
      : builder.constant(Int32Array.from({ length: depth }, (_, at) => at), [depth], "int32");
    const chosen = builder.node("Where", [
      builder.node("Equal", [indices, classes]),
      builder.scalar(onValue),
      builder.scalar(offValue),
    ]);
    const { dtype } = output;
    scope.define(output, dtype === "float32" ? chosen : builder.node("Cast", [chosen], { to: elementType[dtype] }));
  },
});

/** 0, 1, ... for every element of a list. */
export function places({ builder, sizes }: LayoutScope, { shape, dtype }: ValueType): Name {
  const count = builder.node("Reshape", [sizes.list(shape), builder.integers([])]);
  const numbers = builder.node("Range", [builder.integer(0), count, builder.integer(1)]);
  return builder.node("Cast", [numbers], { to: elementType[dtype] });
}

/** The numbers of a range, which is a constant unless its length is unknown. */
const range = lowering<Record<never, never>, RangeAttrs>({
  infer: (_, { start, stop, step, dtype }) => ({
    shape: [Math.abs(Math.ceil((stop - start) / step))],
    dtype: dataTypeOf("Range", dtype),
  }),
  lower({ attributes: { start, step }, output: { dtype }, output }, scope) {
    const { builder } = scope, number = (value: number) => builder.scalar(value, dtype);
    const typed = places(scope, output);
    const scaled = step === 1 ? typed : builder.node("Mul", [typed, number(step)]);
    scope.define(output, start === 0 ? scaled : builder.node("Add", [scaled, number(start)]));
  },
});

/** The numbers from start to stop, which are a constant unless their count is unknown. */
const linSpace = lowering<Record<never, never>, LinSpaceAttrs>({
  infer: (_, { num }) => ({ shape: [num], dtype: "float32" }),
  lower({ attributes: { start, stop }, output }, scope) {
    const { builder } = scope,
      count = builder.node("Cast", [scope.sizes.list(output.shape)], { to: elementType.float32 });
    const steps = builder.node("Max", [builder.node("Sub", [count, builder.scalar(1)]), builder.scalar(1)]);
    const parts = builder.node("Div", [places(scope, output), steps]);
    const scaled = builder.node("Mul", [parts, builder.scalar(stop - start)]);
    scope.define(output, builder.node("Add", [scaled, builder.scalar(start)]));
  },
});

export const creationLowerings = {
  Fill: fill,
  LinSpace: linSpace,
  OneHot: oneHot,
  OnesLike: filledLike(1),
  Range: range,
  ZerosLike: filledLike(0),
} satisfies Record<string, KernelLowering>;
