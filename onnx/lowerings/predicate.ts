/**
 * Kernels that ask something of every number, and logic on bits.
 *
 * @module
 */
import type { BitwiseAndInputs } from "@tensorflow/tfjs";
import { elementType, type Name } from "../file/encode.ts";
import type { ModelBuilder } from "../file/model_builder.ts";
import { elementwise } from "./elementwise_lowering.ts";
import type { KernelLowering } from "./lowering.ts";
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
const bitwiseAnd = elementwise<keyof BitwiseAndInputs>(["a", "b"], (builder, { a, b }) => {
  if (builder.opset >= 18) return builder.node("BitwiseAnd", [a, b]);
  const places = builder.integers(Array.from({ length: BITS }, (_, bit) => 2 ** bit));
  const common = builder.node("Mul", [bits(builder, a, places), bits(builder, b, places)]);
  const sum = builder.node("ReduceSum", [builder.node("Mul", [common, places]), builder.integers([-1])], {
    keepdims: 0,
  });
  return builder.node("Cast", [sum], { to: elementType.int32 });
});

/** The 32 bits of numbers, the last one first, along a new last axis. */
function bits(builder: ModelBuilder, x: Name, places: Name): Name {
  const wide = builder.node("Cast", [x], { to: elementType.int64 });
  const positive = builder.node("Mod", [wide, builder.integers([2 ** BITS])]);
  const column = builder.node("Unsqueeze", [positive, builder.integers([-1])]);
  return builder.node("Mod", [builder.node("Div", [column, places]), builder.integers([2])]);
}

export const predicateLowerings = {
  BitwiseAnd: bitwiseAnd,
  IsFinite: isFinite,
  IsInf: numeric(["x"], (numbers, { x }) => numbers.node("IsInf", x), { result: "bool" }),
  IsNan: numeric(["x"], (numbers, { x }) => numbers.node("IsNaN", x), { result: "bool" }),
  NotEqual: notEqual,
} satisfies Record<string, KernelLowering>;
