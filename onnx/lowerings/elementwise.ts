/**
 * Kernels that act on every element alike: arithmetic, comparisons, activations, choices and conversions. Operands
 * broadcast from the right, in TensorFlow.js as in ONNX.
 *
 * @module
 */
import type { CastAttrs, MultiplyInputs } from "@tensorflow/tfjs";
import { binary, broadcast, comparison, defineElementwise, elementwise, unary } from "./elementwise_lowering.ts";
import { dataTypeOf } from "./data_type.ts";
import { elementType } from "../file/encode.ts";
import { isUniform } from "./layout_scope.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import { step } from "./relu_mask.ts";
import type { Value } from "../graph/graph.ts";

const addN = listLowering({
  infer: ([first]) => first!,
  lower({ inputs, output }, scope) {
    const layout = scope.preferredLayout(inputs);
    const names = inputs.map((value) => scope.name(value, layout));
    scope.define(output, names.reduce((a, b) => scope.builder.node("Add", [a, b])), layout);
  },
});

const cast = elementwise<"x", CastAttrs>(
  ["x"],
  (builder, { x }, { dtype }) => builder.node("Cast", [x], { to: elementType[dataTypeOf("Cast", dtype)] }),
  ({ dtype }) => dataTypeOf("Cast", dtype),
);

/** A product. The gradients of sums multiply by constants of ones, which only broadcast the other factor. */
const multiply = lowering<MultiplyInputs>({
  infer: ({ a, b }) => ({ shape: broadcast([a, b]), dtype: b.dtype }),
  lower({ inputs, output }, scope) {
    const { builder } = scope, factor = besideOnes(inputs.a, inputs.b);
    if (!factor) {
      return defineElementwise(scope, ["a", "b"], inputs, output, ({ a, b }) => builder.node("Mul", [a, b]));
    }
    if (`${factor.shape}` === `${output.shape}`) return scope.alias(output, factor);
    scope.define(output, builder.node("Expand", [scope.name(factor), builder.integers(output.shape)]));
  },
});

/** The other factor if one factor is a constant of ones. */
function besideOnes(a: Value, b: Value): Value | undefined {
  if (isOnes(a)) return b;
  return isOnes(b) ? a : undefined;
}

const isOnes = ({ constant }: Value) => constant !== undefined && isUniform(constant, 1);

const squaredDifference = elementwise(["a", "b"], (builder, { a, b }) => {
  const difference = builder.node("Sub", [a, b]);
  return builder.node("Mul", [difference, difference]);
});

export const elementwiseLowerings = {
  Abs: unary("Abs"),
  Add: binary("Add"),
  AddN: addN,
  Cast: cast,
  Equal: comparison("Equal"),
  Exp: unary("Exp"),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Log: unary("Log"),
  LogicalAnd: comparison("And"),
  LogicalNot: unary("Not"),
  LogicalOr: comparison("Or"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Multiply: multiply,
  Neg: unary("Neg"),
  Pow: binary("Pow"),
  RealDiv: binary("Div"),
  Reciprocal: unary("Reciprocal"),
  Relu: unary("Relu"),
  Rsqrt: elementwise(["x"], (builder, { x }) => builder.node("Reciprocal", [builder.node("Sqrt", [x])])),
  Select: elementwise(
    ["condition", "t", "e"],
    (builder, { condition, t, e }) => builder.node("Where", [condition, t, e]),
  ),
  Sigmoid: unary("Sigmoid"),
  Sqrt: unary("Sqrt"),
  Square: elementwise(["x"], (builder, { x }) => builder.node("Mul", [x, x])),
  SquaredDifference: squaredDifference,
  Step: step,
  Sub: binary("Sub"),
  Tanh: unary("Tanh"),
} satisfies Record<string, KernelLowering>;
