/**
 * Trigonometric and hyperbolic functions, their inverses, and exponential functions near 0 and 1.
 *
 * ONNX's operators on doubles are few (Exp, Log, Sqrt, Tanh), so a kernel of int32 may have a formula of its own. Its result
 * drops the fraction, so that float32 is enough where the values stay small and far from whole numbers.
 *
 * @module
 */
import { backend_util } from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";
import type { Name } from "../file/encode.ts";
import { unary } from "./elementwise_lowering.ts";
import type { KernelLowering } from "./lowering.ts";
import { type Numbers, numeric } from "./number_lowering.ts";
import { elementType } from "../file/encode.ts";

type Formula = (numbers: Numbers, x: Name) => Name;

/** A kernel that is an operator on float32, with a formula for doubles. */
const operatorOr = (operator: string, inDoubles: Formula) =>
  numeric(["x"], (numbers, { x }) => numbers.dtype === "float32" ? numbers.node(operator, x) : inDoubles(numbers, x));

/** Computes doubles as float32. */
const asFloat32 = (operator: string): Formula => (numbers, x) => {
  const narrow = numbers.builder.node("Cast", [x], { to: elementType.float32 });
  return numbers.builder.node("Cast", [numbers.node(operator, narrow)], { to: elementType[numbers.dtype] });
};

const halfOf = (numbers: Numbers, x: Name) => numbers.node("Mul", x, numbers.scalar(0.5));

/** (e^x - e^-x) / 2 */
const sinh: Formula = (numbers, x) =>
  halfOf(numbers, numbers.node("Sub", numbers.node("Exp", x), numbers.node("Exp", numbers.node("Neg", x))));

/** sign(x) log(|x| + sqrt(x^2 + 1)) */
const asinh: Formula = (numbers, x) => {
  const size = numbers.node("Abs", x);
  const root = numbers.node("Sqrt", numbers.node("Add", numbers.node("Mul", x, x), numbers.scalar(1)));
  return numbers.node("Mul", numbers.node("Sign", x), numbers.node("Log", numbers.node("Add", size, root)));
};

/** log(x + sqrt(x^2 - 1)) for x >= 1, and NaN for the others */
const acosh: Formula = (numbers, x) => {
  const root = numbers.node("Sqrt", numbers.node("Sub", numbers.node("Mul", x, x), numbers.scalar(1)));
  return numbers.node("Log", numbers.node("Add", x, root));
};

/** The approximation of TensorFlow.js, exact to 1e-7. */
const erf: Formula = (numbers, x) => {
  const { ERF_P, ERF_A1, ERF_A2, ERF_A3, ERF_A4, ERF_A5 } = backend_util;
  const size = numbers.node("Abs", x);
  const t = numbers.node(
    "Reciprocal",
    numbers.node("Add", numbers.node("Mul", size, numbers.scalar(ERF_P)), numbers.scalar(1)),
  );
  const polynomial = [ERF_A5, ERF_A4, ERF_A3, ERF_A2, ERF_A1].map((a) => numbers.scalar(a)).reduce((sum, a) =>
    numbers.node("Add", numbers.node("Mul", sum, t), a)
  );
  const decay = numbers.node("Exp", numbers.node("Neg", numbers.node("Mul", x, x)));
  const rest = numbers.node("Mul", numbers.node("Mul", polynomial, t), decay);
  return numbers.node("Mul", numbers.node("Sign", x), numbers.node("Sub", numbers.scalar(1), rest));
};

/**
 * e^x - 1 without cancellation, by Kahan: with u = e^x as it is rounded, (u - 1) x / log(u). It is x where u is 1, and u - 1
 * where |x| is large.
 */
const expm1: Formula = (numbers, x) => {
  const one = numbers.scalar(1), u = numbers.node("Exp", x);
  const difference = numbers.node("Sub", u, one);
  const corrected = numbers.node("Mul", difference, numbers.node("Div", x, numbers.node("Log", u)));
  const isLarge = numbers.node("Greater", numbers.node("Abs", x), one);
  const nearby = numbers.node("Where", numbers.node("Equal", u, one), x, corrected);
  return numbers.node("Where", isLarge, difference, nearby);
};

/** log(1 + x) without cancellation, by Kahan: with u = 1 + x as it is rounded, log(u) x / (u - 1). */
const log1p: Formula = (numbers, x) => {
  const one = numbers.scalar(1), u = numbers.node("Add", x, one), log = numbers.node("Log", u);
  const corrected = numbers.node("Mul", log, numbers.node("Div", x, numbers.node("Sub", u, one)));
  const isLarge = numbers.node("Greater", numbers.node("Abs", x), one);
  const nearby = numbers.node("Where", numbers.node("Equal", u, one), x, corrected);
  return numbers.node("Where", isLarge, log, nearby);
};

/**
 * The angle of a point (b, a). ONNX has the arc tangent only: with t = atan|a / b|, it is t, or pi - t left of the origin, and
 * negative below it. Zeros have signs.
 */
const atan2 = (numbers: Numbers, a: Name, b: Name): Name => {
  const [y, x] = [numbers.node("Abs", a), numbers.node("Abs", b)];
  // 0 / 0 is 0, and the quotient of infinities 1.
  const ofEqual = numbers.from(numbers.node("Greater", x, numbers.scalar(0)), "bool");
  const quotient = numbers.node("Where", numbers.node("Equal", x, y), ofEqual, numbers.node("Div", y, x));
  const right = numbers.node("Atan", quotient);
  const left = numbers.node("Sub", numbers.scalar(Math.PI), right);
  const upper = numbers.node("Where", isNegative(numbers, b), left, right);
  return numbers.node("Where", isNegative(numbers, a), numbers.node("Neg", upper), upper);
};

/** Finds negative numbers, -0 among them. */
function isNegative(numbers: Numbers, x: Name): Name {
  const zero = numbers.scalar(0);
  const signed = numbers.node("Where", numbers.node("Equal", x, zero), numbers.node("Reciprocal", x), x);
  return numbers.node("Less", signed, zero);
}

const atan2Kernel = numeric(["a", "b"], (numbers, { a, b }) => {
  if (numbers.dtype === "float32") return atan2(numbers, a, b);
  throw new TraceError("tf.atan2 of int32 or bool drops the fraction of the angle; cast its inputs to float32");
});

export const transcendentalLowerings = {
  Acos: operatorOr("Acos", asFloat32("Acos")),
  Acosh: operatorOr("Acosh", acosh),
  Asin: operatorOr("Asin", asFloat32("Asin")),
  Asinh: operatorOr("Asinh", asinh),
  Atan: operatorOr("Atan", asFloat32("Atan")),
  Atan2: atan2Kernel,
  Atanh: operatorOr("Atanh", asFloat32("Atanh")),
  Cos: unary("Cos"),
  Cosh: unary("Cosh"),
  Erf: operatorOr("Erf", erf),
  Expm1: numeric(["x"], (numbers, { x }) => expm1(numbers, x)),
  Log1p: numeric(["x"], (numbers, { x }) => log1p(numbers, x)),
  Sin: unary("Sin"),
  Sinh: operatorOr("Sinh", sinh),
  Tan: unary("Tan"),
} satisfies Record<string, KernelLowering>;
