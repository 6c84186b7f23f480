/**
 * Kernels that act on every element alike: arithmetic, comparisons, activations, choices and conversions. Operands
 * broadcast from the right, in TensorFlow.js as in ONNX.
 *
 * @module
 */
import { broadcast_util } from "@tensorflow/tfjs";
import { type DataType, DYNAMIC, type Kernel, type Value, type ValueType } from "../graph/graph.ts";
import { isUniform, type Lowering, type Scope } from "./lowering.ts";
import { elementType, type Name } from "../file/model_builder.ts";
import { stepOfBlocked } from "./scale_shift.ts";

/** Adds the nodes for operands that are in one form, and returns the result in that form. */
type Emit = (scope: Scope, operands: readonly Name[], kernel: Kernel) => Name;

const broadcast = (shapes: readonly (readonly number[])[]): number[] =>
  shapes.reduce<number[]>((a, b) => broadcast_util.assertAndGetBroadcastShape(a, [...b]), []);

/** An element-wise kernel of the inputs called `keys`. */
function elementwise(
  keys: readonly string[],
  emit: Emit,
  dtype?: (inputs: Readonly<Record<string, Value>>, kernel: Kernel["attributes"]) => DataType,
): Lowering {
  return {
    infer: (inputs, attributes): ValueType => ({
      shape: broadcast(keys.map((key) => inputs[key]!.shape)),
      dtype: dtype?.(inputs, attributes) ?? inputs[keys.at(-1)!]!.dtype,
    }),
    lower(kernel, scope) {
      const operands = keys.map((key) => kernel.inputs[key]!);
      const form = scope.preferredForm(operands);
      scope.define(kernel.outputs[0]!, emit(scope, operands.map((value) => scope.name(value, form)), kernel), form);
    },
  };
}

const unary = (operator: string): Lowering => elementwise(["x"], ({ builder }, x) => builder.node(operator, x));
const binary = (operator: string): Lowering => elementwise(["a", "b"], ({ builder }, ab) => builder.node(operator, ab));
const comparison = (operator: string): Lowering =>
  elementwise(["a", "b"], ({ builder }, ab) => builder.node(operator, ab), () => "bool");

/** Products with a constant of ones, of which gradients of sums are full, only broadcast. */
const multiply: Lowering = {
  ...binary("Mul"),
  lower(kernel, scope) {
    const { a, b } = kernel.inputs as { a: Value; b: Value };
    const factor = isOnes(a) ? b : isOnes(b) ? a : undefined;
    if (!factor) return binary("Mul").lower(kernel, scope);
    const output = kernel.outputs[0]!;
    if (`${factor.shape}` === `${output.shape}`) return scope.alias(output, factor);
    const { builder } = scope;
    scope.define(output, builder.node("Expand", [scope.name(factor), builder.integers(output.shape)]));
  },
};

const isOnes = ({ constant }: Value) => constant !== undefined && isUniform(constant, 1);

/** 1 above zero, `alpha` elsewhere; onnxruntime converts a comparison several times faster than it chooses by it. */
const step: Lowering = {
  infer: ({ x }) => x!,
  lower({ inputs, attributes, outputs }, scope) {
    const { builder } = scope, x = inputs["x"]!;
    const form = scope.preferredForm([x]), name = scope.name(x, form), alpha = attributes["alpha"] as number ?? 0;
    if (alpha === 0 && form === "blocked" && x.shape[0] !== DYNAMIC) {
      return scope.defineBlocked(outputs[0]!, stepOfBlocked(scope, x));
    }
    const positive = builder.node("Greater", [name, builder.scalar(0)]);
    const result = alpha === 0
      ? builder.node("Cast", [positive], { to: elementType.float32 })
      : builder.node("Where", [positive, builder.scalar(1), builder.scalar(alpha)]);
    scope.define(outputs[0]!, result, form);
  },
};

export const elementwiseLowerings = {
  Abs: unary("Abs"),
  Add: binary("Add"),
  AddN: {
    infer: (inputs) => inputs["0"]!,
    lower(kernel, scope) {
      const values = Object.values(kernel.inputs);
      const form = scope.preferredForm(values);
      const names = values.map((value) => scope.name(value, form));
      scope.define(kernel.outputs[0]!, names.reduce((a, b) => scope.builder.node("Add", [a, b])), form);
    },
  },
  Cast: elementwise(
    ["x"],
    ({ builder }, x, { attributes }) => builder.node("Cast", x, { to: elementType[attributes["dtype"] as DataType] }),
    (_, attributes) => attributes["dtype"] as DataType,
  ),
  Equal: comparison("Equal"),
  Exp: unary("Exp"),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Log: unary("Log"),
  LogicalAnd: comparison("And"),
  LogicalNot: elementwise(["x"], ({ builder }, x) => builder.node("Not", x)),
  LogicalOr: comparison("Or"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Multiply: multiply,
  Neg: unary("Neg"),
  Pow: binary("Pow"),
  RealDiv: binary("Div"),
  Reciprocal: unary("Reciprocal"),
  Relu: unary("Relu"),
  Rsqrt: elementwise(["x"], ({ builder }, x) => builder.node("Reciprocal", [builder.node("Sqrt", x)])),
  Select: elementwise(["condition", "t", "e"], ({ builder }, operands) => builder.node("Where", operands)),
  Sigmoid: unary("Sigmoid"),
  Sqrt: unary("Sqrt"),
  Square: elementwise(["x"], ({ builder }, [x]) => builder.node("Mul", [x!, x!])),
  SquaredDifference: elementwise(["a", "b"], ({ builder }, ab) => {
    const difference = builder.node("Sub", ab);
    return builder.node("Mul", [difference, difference]);
  }),
  Step: step,
  Sub: binary("Sub"),
  Tanh: unary("Tanh"),
} satisfies Record<string, Lowering>;
