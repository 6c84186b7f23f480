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
import type { Value } from "../graph/graph.ts";
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

/** A reduction by an ONNX operator. `axesOf` reads the attribute that names the axes. */
const reductionBy = <Attributes extends { readonly keepDims: boolean }>(
  operator: string,
  axesOf: (attributes: Attributes) => Axes,
) =>
  lowering<SumInputs, Attributes>({
    infer({ x }, attributes) {
      const shape = reducedShape(x, sortedAxes(x, axesOf(attributes)), attributes.keepDims);
      return { shape, dtype: x.dtype };
    },
    lower({ inputs: { x }, attributes, output }, scope) {
      const axes = sortedAxes(x, axesOf(attributes)), { keepDims } = attributes;
      const layout = layoutToReduce(x, axes, scope);
      if (layout === "blocked") return reduceBlocked(scope, operator, x, axes, keepDims, output);
      const inLayout = axes.flatMap((axis) => axesIn(layout, axis));
      const result = reduce(scope, operator, scope.name(x, layout), inLayout, keepDims);
      scope.define(output, result, keepDims ? layout : "natural");
    },
  });

const reduction = (operator: string) => reductionBy<SumAttrs>(operator, ({ axis }) => axis);

/** Chooses the natural layout unless the axes that are left come out in their natural order. */
function layoutToReduce(x: Value, axes: readonly number[], scope: LayoutScope): Layout {
  const left = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const ordered = !left.includes(3) || !(left.includes(1) || left.includes(2));
  return ordered ? scope.preferredLayout([x]) : "natural";
}

/** Reduces a blocked image. onnxruntime is fast at neighbouring axes: rows and columns first, then batch and channels. */
function reduceBlocked(
  scope: LayoutScope,
  operator: string,
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
  output: Value,
): void {
  const blocked = axes.flatMap((axis) => axesIn("blocked", axis));
  const isSide = (axis: number) => axis === 2 || axis === 3;
  const steps = [blocked.filter(isSide), blocked.filter((axis) => !isSide(axis))].filter(({ length }) => length > 0);
  const result = steps.reduce((name, step) => reduce(scope, operator, name, step, true), scope.name(x, "blocked"));
  if (!keepDims) return scope.define(output, scope.reshape(result, output.shape));
  // The one channel of a mean over channels lies in no block.
  scope.define(output, scope.reshape(result, shapeIn("blocked", output.shape, scope.block!)), "blocked");
}

/** Adds a reduction. ONNX made the axes an input in version 13 for sums, in version 18 for the others. */
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
      const attributes = { axis: sortedAxes(x, axis)[0]!, keepdims: 0 };
      const name = scope.name(x);
      const numbers = x.dtype === "bool" ? scope.builder.node("Cast", [name], { to: elementType.int32 }) : name;
      const index = scope.builder.node(operator, [numbers], attributes);
      scope.define(output, scope.builder.node("Cast", [index], { to: elementType.int32 }));
    },
  });

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
  Max: reductionBy<MaxAttrs>("ReduceMax", ({ reductionIndices }) => reductionIndices),
  Mean: reduction("ReduceMean"),
  Min: reduction("ReduceMin"),
  Prod: prod,
  Softmax: softmax,
  Sum: reduction("ReduceSum"),
} satisfies Record<string, KernelLowering>;
