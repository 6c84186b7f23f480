/**
 * Kernels that reduce axes: sums, means, extremes, and the soft-max over the last axis.
 *
 * @module
 */
import { util } from "@tensorflow/tfjs";
import type { Attributes, Kernel, Value } from "../graph/graph.ts";
import { axesIn, type Form, shapeIn } from "./layouts.ts";
import type { Lowering, Scope } from "./lowering.ts";
import { elementType, type Name } from "../file/model_builder.ts";

const axesOf = (x: Value, { axis, reductionIndices }: Attributes): number[] =>
  util.parseAxisParam((axis ?? reductionIndices ?? null) as number | number[], [...x.shape]).toSorted((a, b) => a - b);

const reducedShape = ({ shape }: Value, axes: readonly number[], keepDims: boolean): number[] =>
  keepDims
    ? shape.map((size, axis) => axes.includes(axis) ? 1 : size)
    : shape.filter((_, axis) => !axes.includes(axis));

const reduction = (operator: "ReduceMax" | "ReduceMean" | "ReduceMin" | "ReduceSum"): Lowering => ({
  infer: ({ x }, attributes) => ({
    shape: reducedShape(x!, axesOf(x!, attributes), attributes["keepDims"] === true),
    dtype: x!.dtype,
  }),
  lower(kernel, scope) {
    const x = kernel.inputs["x"]!;
    const axes = axesOf(x, kernel.attributes);
    const keepDims = kernel.attributes["keepDims"] === true;
    const form = formToReduce(x, axes, scope);
    const inForm = axes.flatMap((axis) => axesIn(form, axis));
    if (form !== "blocked") {
      const result = reduce(scope, operator, scope.name(x, form), inForm, keepDims);
      return scope.define(kernel.outputs[0]!, result, keepDims ? form : "natural");
    }
    // onnxruntime is fast at neighbouring axes: first those of an image, then those of the batch and the block.
    const within = inForm.filter((axis) => axis === 2 || axis === 3),
      rest = inForm.filter((axis) => axis < 2 || axis > 3);
    const result = [within, rest].reduce(
      (name, axes) => axes.length === 0 ? name : reduce(scope, operator, name, axes, true),
      scope.name(x, form),
    );
    const { shape } = kernel.outputs[0]!;
    if (!keepDims) return scope.define(kernel.outputs[0]!, scope.reshape(result, shape));
    // A mean over channels has one channel, which lies in no block.
    scope.define(kernel.outputs[0]!, scope.reshape(result, shapeIn(form, shape, scope.block!)), form);
  },
});

/** Not the natural form only if the axes that are left come out in their natural order. */
function formToReduce(x: Value, axes: readonly number[], scope: Scope): Form {
  const left = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const ordered = !left.includes(3) || !(left.includes(1) || left.includes(2));
  return ordered ? scope.preferredForm([x]) : "natural";
}

/** Adds a reduction. ONNX moved the axes of the sum to an input in version 13, those of the others in version 18. */
export function reduce(
  { builder }: Scope,
  operator: string,
  x: Name,
  axes: readonly number[],
  keepDims: boolean,
): Name {
  const keepdims = keepDims ? 1 : 0;
  return operator === "ReduceSum" || builder.opset >= 18
    ? builder.node(operator, [x, builder.integers(axes)], { keepdims })
    : builder.node(operator, [x], { axes, keepdims });
}

const softmax = (operator: string, input: string): Lowering => ({
  infer: (inputs) => inputs[input]!,
  lower({ inputs, outputs }, scope) {
    scope.define(outputs[0]!, scope.builder.node(operator, [scope.name(inputs[input]!)], { axis: -1 }));
  },
});

const argument = (operator: string): Lowering => ({
  infer: ({ x }, attributes) => ({ shape: reducedShape(x!, axesOf(x!, attributes), false), dtype: "int32" }),
  lower({ inputs, attributes, outputs }: Kernel, scope) {
    const x = inputs["x"]!;
    const index = scope.builder.node(operator, [scope.name(x)], { axis: axesOf(x, attributes)[0]!, keepdims: 0 });
    scope.define(outputs[0]!, scope.builder.node("Cast", [index], { to: elementType.int32 }));
  },
});

export const reductionLowerings = {
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  LogSoftmax: softmax("LogSoftmax", "logits"),
  Max: reduction("ReduceMax"),
  Mean: reduction("ReduceMean"),
  Min: reduction("ReduceMin"),
  Softmax: softmax("Softmax", "logits"),
  Sum: reduction("ReduceSum"),
} satisfies Record<string, Lowering>;
