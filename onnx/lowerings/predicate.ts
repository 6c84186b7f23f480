/**
 * Kernels that ask something of every number, and logic on bits.
 *
 * @module
 */
import type { BitwiseAndInputs } from "@tensorflow/tfjs";
import { elementType, type Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";
import { broadcast, elementwise } from "./elementwise_lowering.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { numeric } from "./number_lowering.ts";

const notEqual = elementwise(
  ["a", "b"],
  (builder, { a, b }) => builder.node("Not", [builder.node("Equal", [a, b])]),
  "bool",
);

const isFinite = numeric(
  ["x"],
  (numbers, { x }) => numbers.node("Not", numbers.node("Or", numbers.node("IsNaN", x), numbers.node("IsInf", x))),
  { result: "bool" },
);

const BITS = 32;

/** ONNX's operator came in opset 18. Before, the bits of both numbers are multiplied one by one. */
const bitwiseAnd = lowering<BitwiseAndInputs>({
  infer: ({ a, b }) => ({ shape: broadcast([a, b]), dtype: "int32" }),
  lower({ inputs, output }, scope) {
    const { builder } = scope, [a, b] = [scope.name(inputs.a), scope.name(inputs.b)];
    if (builder.opset >= 18) return scope.define(output, builder.node("BitwiseAnd", [a, b]));
    const places = builder.integers(Array.from({ length: BITS }, (_, bit) => 2 ** bit));
    const common = builder.node("Mul", [bits(builder, a, places), bits(builder, b, places)]);
    // Counted from the end, onnxruntime keeps the axis of a value that has no elements.
    const axes = builder.integers([output.shape.length]);
    const sum = builder.node("ReduceSum", [builder.node("Mul", [common, places]), axes], { keepdims: 0 });
    scope.define(output, builder.node("Cast", [sum], { to: elementType.int32 }));
  },
});

/** The 32 bits of numbers, the last one first, along a new last axis. */
function bits(builder: ModelBuilder, x: Name, places: Name): Name {
  const wide = builder.node("Cast", [x], { to: elementType.int64 });
  const positive = builder.node("Mod", [wide, builder.integer(2 ** BITS)]);
  const column = builder.node("Unsqueeze", [positive, builder.integers([-1])]);
  return builder.node("Mod", [builder.node("Div", [column, places]), builder.integer(2)]);
}

export const predicateLowerings = {
  BitwiseAnd: bitwiseAnd,
  IsFinite: isFinite,
  IsInf: numeric(["x"], (numbers, { x }) => numbers.node("IsInf", x), { result: "bool" }),
  IsNan: numeric(["x"], (numbers, { x }) => numbers.node("IsNaN", x), { result: "bool" }),
  NotEqual: notEqual,
} satisfies Record<string, KernelLowering>;
