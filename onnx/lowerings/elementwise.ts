/**
 * Kernels that act on every element alike: arithmetic, comparisons, activations, choices and conversions. Operands
 * broadcast from the right, in TensorFlow.js as in ONNX.
 *
 * @module
 */
import { type CastAttrs, type CastInputs, type MultiplyInputs, type SelectInputs, upcastType } from "@tensorflow/tfjs";
import { broadcast, defineElementwise, elementwise, unary } from "./elementwise_lowering.ts";
import { dataTypeOf } from "./data_type.ts";
import { elementType, type Name } from "../file/encode.ts";
import { isUniform } from "./layout_scope.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import { numeric, numericBinary, numericUnary, stored } from "./number_lowering.ts";
import { step } from "./relu_mask.ts";
import { TraceError } from "../graph/trace_error.ts";
import type { DataType, Value } from "../graph/graph.ts";

const addN = listLowering({
  infer([first]) {
    if (first!.dtype !== "bool") return first!;
    throw new TraceError("tf.addN of bool makes numbers other than 0 and 1; cast the tensors to int32");
  },
  lower({ inputs, output }, scope) {
    const layout = scope.preferredLayout(inputs);
    const names = inputs.map((value) => scope.name(value, layout));
    scope.define(output, names.reduce((a, b) => scope.builder.node("Add", [a, b])), layout);
  },
});

/** Floats become int32 as in an Int32Array; every number but 0 becomes true. */
const cast = lowering<CastInputs, CastAttrs>({
  infer: ({ x }, { dtype }) => ({ shape: x.shape, dtype: dataTypeOf("Cast", dtype) }),
  lower({ inputs, output: { dtype }, output }, scope) {
    const { builder } = scope, from = inputs.x.dtype;
    if (from === dtype) return scope.alias(output, inputs.x);
    defineElementwise(
      scope,
      ["x"],
      inputs,
      output,
      ({ x }) =>
        dtype === "bool" ? builder.node("Cast", [x], { to: elementType.bool }) : stored(builder, x, from, dtype),
    );
  },
});

/** A choice between tensors of two types makes the wider type. */
const select = lowering<SelectInputs>({
  infer: ({ condition, t, e }) => ({
    shape: broadcast([condition, t, e]),
    dtype: upcastType(t.dtype, e.dtype) as DataType,
  }),
  lower({ inputs, output: { dtype }, output }, scope) {
    const { builder } = scope;
    // onnxruntime has no choice between booleans.
    const chosen = dtype === "bool" ? "int32" : dtype;
    const from = (x: Name, { dtype }: Value) =>
      dtype === chosen ? x : builder.node("Cast", [x], { to: elementType[chosen] });
    defineElementwise(scope, ["condition", "t", "e"], inputs, output, ({ condition, t, e }) => {
      const choice = builder.node("Where", [condition, from(t, inputs.t), from(e, inputs.e)]);
      return chosen === dtype ? choice : builder.node("Cast", [choice], { to: elementType.bool });
    });
  },
});

/** A product. The gradients of sums multiply by constants of ones, which only broadcast the other factor. */
const multiply = lowering<MultiplyInputs>({
  infer: ({ a, b }) => ({ shape: broadcast([a, b]), dtype: b.dtype }),
  lower({ inputs, output }, scope) {
    const { builder } = scope, factor = besideOnes(inputs.a, inputs.b);
    if (!factor) {
      const operator = output.dtype === "bool" ? "And" : "Mul";
      return defineElementwise(scope, ["a", "b"], inputs, output, ({ a, b }) => builder.node(operator, [a, b]));
    }
    if (`${factor.shape}` === `${output.shape}`) return scope.alias(output, factor);
    scope.define(output, builder.node("Expand", [scope.name(factor), scope.sizes.list(output.shape)]));
  },
});

/** The other factor if one factor is a constant of ones. */
function besideOnes(a: Value, b: Value): Value | undefined {
  if (isOnes(a)) return b;
  return isOnes(b) ? a : undefined;
}

const isOnes = ({ constant }: Value) => constant !== undefined && isUniform(constant, 1);

const squaredDifference = numeric(["a", "b"], (numbers, { a, b }) => {
  const difference = numbers.node("Sub", a, b);
  return numbers.node("Mul", difference, difference);
}, { integers: "exact" });

const logic = (operator: string) =>
  elementwise(["a", "b"], (builder, { a, b }) => builder.node(operator, [a, b]), "bool");

const comparison = (operator: string) => numericBinary(operator, { result: "bool", integers: "exact" });

/** JavaScript has no power of 1 to NaN, and none of 1 or -1 to an infinity; C has. */
const pow = numeric(["a", "b"], (numbers, { a, b }, _, { b: { constant: exponents } }) => {
  const power = numbers.node("Pow", a, b);
  if (exponents?.every(Number.isFinite)) return power;
  const isUnit = numbers.node("Equal", numbers.node("Abs", a), numbers.scalar(1));
  // A number less itself is NaN for NaN and infinities, and 0 otherwise.
  return numbers.node("Where", isUnit, numbers.node("Add", power, numbers.node("Sub", b, b)), power);
});

const relu = numeric(
  ["x"],
  (numbers, { x }) => numbers.dtype === "float32" ? numbers.node("Relu", x) : numbers.node("Max", x, numbers.scalar(0)),
  { integers: "exact" },
);

const exact = { integers: "exact" } as const;

export const elementwiseLowerings = {
  Abs: numericUnary("Abs", exact),
  Add: numericBinary("Add", exact),
  AddN: addN,
  Cast: cast,
  Equal: comparison("Equal"),
  Exp: numericUnary("Exp", { result: "float32" }),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Log: unary("Log"),
  LogicalAnd: logic("And"),
  LogicalNot: unary("Not"),
  LogicalOr: logic("Or"),
  Maximum: numericBinary("Max", exact),
  Minimum: numericBinary("Min", exact),
  Multiply: multiply,
  Neg: numericUnary("Neg", exact),
  Pow: pow,
  RealDiv: numericBinary("Div"),
  Reciprocal: numericUnary("Reciprocal"),
  Relu: relu,
  Rsqrt: elementwise(["x"], (builder, { x }) => builder.node("Reciprocal", [builder.node("Sqrt", [x])])),
  Select: select,
  Sigmoid: unary("Sigmoid"),
  Sqrt: unary("Sqrt"),
  Square: numeric(["x"], (numbers, { x }) => numbers.node("Mul", x, x), exact),
  SquaredDifference: squaredDifference,
  Step: step,
  Sub: numericBinary("Sub", exact),
  Tanh: unary("Tanh"),
} satisfies Record<string, KernelLowering>;
