/**
 * Kernels that act on every element alike: arithmetic, comparisons, activations, choices and conversions. Operands
 * broadcast from the right, in TensorFlow.js as in ONNX.
 *
 * @module
 */
import { broadcast_util, type CastAttrs, type MultiplyInputs } from "@tensorflow/tfjs";
import { dataTypeOf } from "./data_type.ts";
import type { DataType, Value } from "../graph/graph.ts";
import { isUniform, type LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import { elementType, type ModelBuilder, type Name } from "../file/model_builder.ts";
import { step } from "./relu_mask.ts";

type Named<Key extends string, T> = Readonly<Record<Key, T>>;

/** Adds the nodes of a kernel whose operands, by their keys, are in one layout. The result is in that layout. */
type Emit<Key extends string, Attributes> = (
  builder: ModelBuilder,
  operands: Named<Key, Name>,
  attributes: Attributes,
) => Name;

/**
 * Makes the lowering of an element-wise kernel.
 *
 * @param keys the inputs, in TensorFlow.js's order
 * @param dtype the result's type; default: the type of the last input
 */
const elementwise = <Key extends string, Attributes = unknown>(
  keys: readonly Key[],
  emit: Emit<Key, Attributes>,
  dtype?: DataType | ((attributes: Attributes) => DataType),
): KernelLowering =>
  lowering<Named<Key, Value>, Attributes>({
    infer: (inputs, attributes) => ({
      shape: broadcast(keys.map((key) => inputs[key])),
      dtype: (typeof dtype === "function" ? dtype(attributes) : dtype) ?? inputs[keys.at(-1)!].dtype,
    }),
    lower({ inputs, attributes, output }, scope) {
      define(scope, keys, inputs, output, (operands) => emit(scope.builder, operands, attributes));
    },
  });

/** Defines `output` in the layout that most of its operands have. */
function define<Key extends string>(
  scope: LayoutScope,
  keys: readonly Key[],
  inputs: Named<Key, Value>,
  output: Value,
  emit: (operands: Named<Key, Name>) => Name,
): void {
  const layout = scope.preferredLayout(keys.map((key) => inputs[key]));
  const operands = Object.fromEntries(keys.map((key) => [key, scope.name(inputs[key], layout)]));
  scope.define(output, emit(operands as Named<Key, Name>), layout);
}

const broadcast = (values: readonly Value[]): number[] =>
  values.reduce<number[]>((a, { shape }) => broadcast_util.assertAndGetBroadcastShape(a, [...shape]), []);

/** A kernel of one input that is one ONNX operator. */
const unary = (operator: string, dtype?: DataType) =>
  elementwise(["x"], (builder, { x }) => builder.node(operator, [x]), dtype);

/** A kernel of two inputs that is one ONNX operator. */
const binary = (operator: string, dtype?: DataType) =>
  elementwise(["a", "b"], (builder, { a, b }) => builder.node(operator, [a, b]), dtype);

const comparison = (operator: string) => binary(operator, "bool");

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
      return define(scope, ["a", "b"], inputs, output, ({ a, b }) => builder.node("Mul", [a, b]));
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
