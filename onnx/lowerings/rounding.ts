/**
 * Kernels that round, and divisions that do: TensorFlow.js rounds halves to even numbers, quotients down, and gives a
 * remainder the sign of the divisor.
 *
 * @module
 */
import type { KernelLowering } from "./lowering.ts";
import { type Numbers, numeric, numericUnary } from "./number_lowering.ts";
import type { Name } from "../file/encode.ts";

/** 0 for NaN, as in TensorFlow.js. */
const sign = numeric(["x"], (numbers, { x }) => {
  const [positive, negative] = [
    numbers.node("Greater", x, numbers.scalar(0)),
    numbers.node("Less", x, numbers.scalar(0)),
  ];
  return numbers.node("Sub", numbers.from(positive, "bool"), numbers.from(negative, "bool"));
}, { integers: "exact" });

/** A quotient of float32 may round up to a whole number, so it is a double. */
const floorDiv = numeric(
  ["a", "b"],
  (numbers, { a, b }) => numbers.node("Floor", numbers.node("Div", a, b)),
  { result: "int32", inDoubles: true },
);

/** Adding the divisor to a small remainder would round as float32. */
const mod = numeric(["a", "b"], (numbers, { a, b }) => {
  const remainder = numbers.remainder(a, b);
  const shifted = numbers.remainder(numbers.node("Add", remainder, b), b);
  return numbers.node("Where", haveSameSign(numbers, a, b), remainder, shifted);
}, { inDoubles: true });

function haveSameSign(numbers: Numbers, a: Name, b: Name): Name {
  const [negative, other] = [a, b].map((x) => numbers.node("Less", x, numbers.scalar(0)));
  return numbers.node("Equal", negative!, other!);
}

export const roundingLowerings = {
  Ceil: numericUnary("Ceil"),
  Floor: numericUnary("Floor"),
  FloorDiv: floorDiv,
  Mod: mod,
  Round: numericUnary("Round"),
  Sign: sign,
} satisfies Record<string, KernelLowering>;
