/**
 * Kernels that reduce axes: sums, means, extremes, and the soft-max over the last axis.
 *
 * @module
 */
import {
  type AllAttrs,
  type AllInputs,
  type ArgMaxAttrs,
  type ArgMaxInputs,
  type MaxAttrs,
  type ProdAttrs,
  type ProdInputs,
  type SoftmaxAttrs,
  type SoftmaxInputs,
  type SumAttrs,
  type SumInputs,
  util,
} from "@tensorflow/tfjs";
import { type DataType, isDynamic, type Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { axesIn, type Layout, shapeIn } from "./layouts.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";

/** The attribute that names axes: one, a list, or all if it is missing. */
type Axes = number | number[];

const sortedAxes = ({ shape }: Value, axes: Axes): number[] =>
  util.parseAxisParam(axes, [...shape]).toSorted((a, b) => a - b);

const reducedShape = ({ shape }: Value, axes: readonly number[], keepDims: boolean): number[] =>
  keepDims
    ? shape.map((size, axis) => axes.includes(axis) ? 1 : size)
    : shape.filter((_, axis) => !axes.includes(axis));

/** A value in the ONNX graph whose axes are reduced. */
interface Operand {
  readonly x: Name;
  readonly dtype: DataType;
  readonly axes: readonly number[];
  readonly keepDims: boolean;
  /** How many elements become one, as a float32, where that is known only when the graph runs. */
  readonly count?: Name | undefined;
}

/** Adds the nodes of a reduction. */
type Reduce = (scope: LayoutScope, operand: Operand) => Name;

/** A reduction. `axesOf` reads the attribute that names the axes. */
const reductionBy = <Attributes extends { readonly keepDims: boolean }>(
  reduce: Reduce,
  axesOf: (attributes: Attributes) => Axes,
  resultType = (dtype: DataType): DataType => dtype,
) =>
  lowering<SumInputs, Attributes>({
    infer({ x }, attributes) {
      const shape = reducedShape(x, sortedAxes(x, axesOf(attributes)), attributes.keepDims);
      return { shape, dtype: resultType(x.dtype) };
    },
    lower({ inputs: { x }, attributes, output }, scope) {
      const axes = sortedAxes(x, axesOf(attributes)), { keepDims } = attributes;
      const layout = layoutToReduce(x, axes, scope), count = unknownCount(scope, x, axes);
      if (layout === "blocked" && !count) return reduceBlocked(scope, reduce, x, axes, keepDims, output);
      const unblocked = layout === "blocked" ? "channelsFirst" : layout;
      const inLayout = axes.flatMap((axis) => axesIn(unblocked, axis));
      const operand = { x: scope.name(x, unblocked), dtype: x.dtype, axes: inLayout, keepDims, count };
      scope.define(output, reduce(scope, operand), keepDims ? unblocked : "natural");
    },
  });

function unknownCount(scope: LayoutScope, { shape }: Value, axes: readonly number[]): Name | undefined {
  const reduced = axes.map((axis) => shape[axis]!);
  if (!reduced.some(isDynamic)) return undefined;
  return scope.sizes.number({ factor: 1, sizes: reduced, offset: 0, divisor: 1, inverse: false });
}

const sum: Reduce = (scope, { x, axes, keepDims }) => reduce(scope, "ReduceSum", x, axes, keepDims);

/** The mean, in float32. The mean of no elements is 0; ONNX's operator leaves it open, so an unknown count divides a sum. */
const mean: Reduce = (scope, { x, dtype, axes, keepDims, count }) => {
  const numbers = dtype === "float32" ? x : cast(scope, x, "float32");
  if (!count) return reduce(scope, "ReduceMean", numbers, axes, keepDims);
  const { builder } = scope, divisor = builder.node("Max", [count, builder.scalar(1)]);
  return builder.node("Div", [reduce(scope, "ReduceSum", numbers, axes, keepDims), divisor]);
};

/**
 * An extreme. It is NaN if a number is NaN or if there are none; ONNX's operators leave both open. So a sum is added that has
 * NaN for each NaN and 0 for each other number; an unknown count divides it, so that it is NaN for no numbers. The extreme of no
 * integers is 0. ONNX has no extremes of bool before opset 20.
 */
const extreme = (operator: string): Reduce => (scope, operand) => {
  const { x, dtype, axes, keepDims, count } = operand, { builder } = scope;
  if (axes.length === 0) return x;
  const found = reduce(scope, operator, dtype === "bool" ? cast(scope, x, "int32") : x, axes, keepDims);
  if (dtype === "float32") {
    const marks = builder.node("Where", [builder.node("IsNaN", [x]), builder.scalar(NaN), builder.scalar(0)]);
    const sum = reduce(scope, "ReduceSum", marks, axes, keepDims);
    return builder.node("Add", [found, count ? builder.node("Div", [sum, count]) : sum]);
  }
  const whole = count
    ? builder.node("Mul", [found, cast(scope, builder.node("Min", [count, builder.scalar(1)]), "int32")])
    : found;
  return dtype === "bool" ? cast(scope, whole, "bool") : whole;
};

const cast = ({ builder }: LayoutScope, x: Name, to: DataType) => builder.node("Cast", [x], { to: elementType[to] });

/** Chooses the natural layout unless the axes that are left come out in their natural order. */
function layoutToReduce(x: Value, axes: readonly number[], scope: LayoutScope): Layout {
  const left = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const ordered = !left.includes(3) || !(left.includes(1) || left.includes(2));
  return ordered ? scope.preferredLayout([x]) : "natural";
}

/** Reduces a blocked image. onnxruntime is fast at neighbouring axes: rows and columns first, then batch and channels. */
function reduceBlocked(
  scope: LayoutScope,
  reduce: Reduce,
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
  output: Value,
): void {
  const shape = shapeIn("blocked", x.shape, scope.block!);
  // A float is its own sum, mean and extreme; onnxruntime would visit every element.
  const isReduced = (axis: number) => shape[axis] !== 1 || x.dtype !== "float32";
  const blocked = axes.flatMap((axis) => axesIn("blocked", axis)).filter(isReduced);
  const isSide = (axis: number) => axis === 2 || axis === 3;
  const steps = [blocked.filter(isSide), blocked.filter((axis) => !isSide(axis))].filter(({ length }) => length > 0);
  const result = steps.reduce(
    (name, step) => reduce(scope, { x: name, dtype: x.dtype, axes: step, keepDims: true }),
    scope.name(x, "blocked"),
  );
  if (!keepDims) return scope.define(output, scope.reshape(result, output.shape));
  // The one channel of a mean over channels lies in no block.
  scope.define(output, scope.reshape(result, shapeIn("blocked", output.shape, scope.block!)), "blocked");
}

/**
 * Adds a reduction, or nothing where there are no axes. ONNX made the axes an input in version 13 for sums, in version 18 for
 * the others.
 */
export function reduce(
  { builder }: LayoutScope,
  operator: string,
  x: Name,
  axes: readonly number[],
  keepDims: boolean,
): Name {
  // No axes are all axes in ONNX.
  if (axes.length === 0) return x;
  const keepdims = keepDims ? 1 : 0;
  return operator === "ReduceSum" || builder.opset >= 18
    ? builder.node(operator, [x, builder.integers(axes)], { keepdims })
    : builder.node(operator, [x], { axes, keepdims });
}

/** The index of an extreme along one axis. */
const extremeIndex = (operator: "ArgMax" | "ArgMin") =>
  lowering<ArgMaxInputs, ArgMaxAttrs>({
    infer: ({ x }, { axis }) => ({ shape: reducedShape(x, sortedAxes(x, axis), false), dtype: "int32" }),
    lower({ inputs: { x }, attributes: { axis }, output }, scope) {
      const along = sortedAxes(x, axis)[0]!;
      const index = scope.builder.node(operator, [comparable(scope, x, along, operator)], { axis: along, keepdims: 0 });
      scope.define(output, scope.builder.node("Cast", [index], { to: elementType.int32 }));
    },
  });

/**
 * Numbers that have the index TensorFlow.js finds. It compares each number with the largest one so far, so NaN wins in the first
 * place and loses in any other; ONNX leaves NaN open. ONNX compares no booleans.
 */
function comparable(scope: LayoutScope, x: Value, axis: number, operator: "ArgMax" | "ArgMin"): Name {
  const { builder } = scope, name = scope.name(x);
  if (x.dtype === "bool") return cast(scope, name, "int32");
  if (x.dtype === "int32") return name;
  const wins = operator === "ArgMax" ? Infinity : -Infinity;
  const loserAndWinner = builder.constant(Float32Array.of(-wins, wins), [2], "float32");
  const size = scope.sizes.list([x.shape[axis]!]), first = builder.integers([0]);
  const replacements = builder.node("OneHot", [first, size, loserAndWinner]);
  const along = builder.node("Reshape", [
    replacements,
    builder.integers([-1, ...x.shape.slice(axis + 1).map(() => 1)]),
  ]);
  return builder.node("Where", [builder.node("IsNaN", [name]), along, name]);
}

/** TensorFlow.js accepts no other axis than the last. */
const softmax = lowering<SoftmaxInputs, SoftmaxAttrs>({
  infer: ({ logits }) => logits,
  lower({ inputs: { logits }, output }, scope) {
    scope.define(output, scope.builder.node("Softmax", [scope.name(logits)], { axis: -1 }));
  },
});

/** Counts booleans rather than comparing them: ONNX has no extremes of nothing, and none of bool before opset 20. */
const ofBooleans = (count: (builder: ModelBuilder, x: Name) => Name, isResult: "Greater" | "Equal") =>
  lowering<AllInputs, AllAttrs>({
    infer: ({ x }, { axis, keepDims }) => ({ shape: reducedShape(x, sortedAxes(x, axis), keepDims), dtype: "bool" }),
    lower({ inputs: { x }, attributes: { axis, keepDims }, output }, scope) {
      const { builder } = scope, counted = count(builder, scope.name(x));
      const ones = builder.node("Cast", [counted], { to: elementType.int32 });
      const sum = reduce(scope, "ReduceSum", ones, sortedAxes(x, axis), keepDims);
      scope.define(output, builder.node(isResult, [sum, builder.scalar(0, "int32")]));
    },
  });

/** A product; booleans become int32. */
const prod = lowering<ProdInputs, ProdAttrs>({
  infer: ({ x }, { axis, keepDims }) => ({
    shape: reducedShape(x, sortedAxes(x, axis), keepDims),
    dtype: x.dtype === "bool" ? "int32" : x.dtype,
  }),
  lower({ inputs: { x }, attributes: { axis, keepDims }, output }, scope) {
    const { builder } = scope, name = scope.name(x);
    const numbers = x.dtype === output.dtype ? name : builder.node("Cast", [name], { to: elementType[output.dtype] });
    scope.define(output, reduce(scope, "ReduceProd", numbers, sortedAxes(x, axis), keepDims));
  },
});

export const reductionLowerings = {
  All: ofBooleans((builder, x) => builder.node("Not", [x]), "Equal"),
  Any: ofBooleans((_, x) => x, "Greater"),
  ArgMax: extremeIndex("ArgMax"),
  ArgMin: extremeIndex("ArgMin"),
  Max: reductionBy<MaxAttrs>(extreme("ReduceMax"), ({ reductionIndices }) => reductionIndices),
  Mean: reductionBy<SumAttrs>(mean, ({ axis }) => axis, () => "float32"),
  Min: reductionBy<SumAttrs>(extreme("ReduceMin"), ({ axis }) => axis),
  Prod: prod,
  Softmax: softmax,
  Sum: reductionBy<SumAttrs>(sum, ({ axis }) => axis),
} satisfies Record<string, KernelLowering>;
