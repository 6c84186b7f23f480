/** Functions that act on every element alike. */
import * as tf from "@tensorflow/tfjs";
import type { DataType } from "../../../onnx/graph/graph.ts";
import type { Draw, Elements } from "./draw.ts";
import type { Call, Rule, Rules } from "./rule.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** A function of one input, whose numbers lie where it is defined and smooth. */
const unary =
  (fn: Unary, limits: Elements = {}, dtypes?: readonly DataType[], more: Partial<Call> = {}): Rule => (draw) => ({
    inputs: [draw.input(draw.shape(), dtypes ? draw.oneOf(dtypes) : draw.dtype(), limits)],
    fn: (x) => fn(x!),
    ...more,
  });

const floats = ["float32"] as const;
const numbers = ["float32", "float32", "int32"] as const;

/** A function of two inputs that broadcast. */
const binary =
  (fn: Binary, limits: Elements = {}, dtypes?: readonly DataType[], more: Partial<Call> = {}): Rule => (draw) => {
    const type = () => dtypes ? draw.oneOf(dtypes) : draw.dtype();
    const inputs = operands(draw).map((shape) => draw.input(shape, type(), limits));
    return { ...withConstant(draw, inputs, ([a, b]) => fn(a!, b!)), ...more };
  };

/** Two shapes that broadcast. */
function operands(draw: Draw) {
  const shape = draw.shape(), other = draw.broadcastable(shape);
  return draw.chance(0.5) ? [shape, other] : [other, shape];
}

/** Makes one of two inputs a constant, in one call of three. */
function withConstant(draw: Draw, inputs: Call["inputs"], fn: (tensors: tf.Tensor[]) => tf.Tensor): Call {
  const at = draw.integer(0, 1), constant = inputs[at]!;
  const isKnown = constant.shape.every((dim) => typeof dim === "number");
  if (!isKnown || !draw.chance(0.33)) return { inputs, fn: (...tensors) => fn(tensors) };
  const shape = constant.shape as number[];
  const data = constant.elements(tf.util.sizeFromShape(shape));
  // A reshaped tensor shares its elements with one of another shape.
  const reshaped = tf.reshape(tf.tensor1d(data, constant.dtype), shape), isReshaped = draw.chance(0.3);
  const tensor = () => isReshaped ? reshaped : tf.tensor(data, shape, constant.dtype);
  return {
    inputs: [inputs[1 - at]!],
    fn: (x) => fn(at === 0 ? [tensor(), x!] : [x!, tensor()]),
    attributes: { [at === 0 ? "a" : "b"]: [...data], shape, dtype: constant.dtype },
  };
}

const comparison = (fn: Binary) => binary(fn, { whole: true });

/** Logical functions of booleans. */
const logical = (fn: Binary) => binary(fn, {}, ["bool"]);

const cast: Rule = (draw) => {
  const dtype = draw.oneOf(["float32", "int32", "bool"]);
  return { inputs: [draw.input(draw.shape(), draw.dtype())], fn: (x) => tf.cast(x!, dtype), attributes: { dtype } };
};

const where: Rule = (draw) => {
  // TensorFlow.js broadcasts 1 to 0 wrongly.
  const shape = draw.shape({ min: 1 }), type = draw.dtype(), other = draw.chance(0.7) ? type : draw.dtype();
  const shapes = [shape, draw.broadcastable(shape), draw.broadcastable(shape)];
  const [condition, t, e] = draw.chance(0.5) ? [shape, shape, shape] : draw.shuffled(shapes);
  return {
    inputs: [draw.input(condition!, "bool"), draw.input(t!, type), draw.input(e!, other)],
    fn: (c, t, e) => tf.where(c!, t!, e!),
  };
};

const addN: Rule = (draw) => {
  const shape = draw.shape(), type = draw.oneOf(numbers);
  return {
    inputs: Array.from({ length: draw.integer(1, 4) }, () => draw.input(shape, type)),
    fn: (...tensors) => tf.addN(tensors),
  };
};

const step: Rule = (draw) => {
  const alpha = draw.oneOf([0, 0, 0.5, -1]);
  return { inputs: [draw.input(draw.shape(), draw.dtype())], fn: (x) => tf.step(x!, alpha), attributes: { alpha } };
};

const clip: Rule = (draw) => {
  const low = draw.number(-2, 0), high = draw.number(0, 2);
  return {
    inputs: [draw.input(draw.shape(), draw.oneOf(numbers))],
    fn: (x) => tf.clipByValue(x!, low, high),
    attributes: { low, high },
  };
};

const leakyRelu: Rule = (draw) => {
  const alpha = draw.oneOf([0, 0.2, 0.5, 2]);
  return {
    inputs: [draw.input(draw.shape(), draw.oneOf(numbers))],
    fn: (x) => tf.leakyRelu(x!, alpha),
    attributes: { alpha },
  };
};

/** A number made constant by TensorFlow.js: `tf.mul(x, 3)`. */
const scalarOperand: Rule = (draw) => {
  const fn = draw.oneOf([tf.add, tf.sub, tf.mul, tf.div, tf.maximum, tf.minimum, tf.pow]),
    number = draw.oneOf([2, 3, 1, 0.5]);
  const type = draw.oneOf(["float32", "int32", "bool"]);
  const constant = () => tf.scalar(type === "bool" ? true : number, type);
  return {
    inputs: [draw.input(draw.shape(), draw.oneOf(["float32", "int32"]), { from: 0.5, special: false })],
    fn: (x) => fn(x!, constant()),
    attributes: { fn: fn.name, number, type },
  };
};

export const elementwise: Rules = {
  abs: unary(tf.abs),
  acos: unary(tf.acos, { from: -0.9, to: 0.9 }),
  acosh: unary(tf.acosh, { from: 1.1 }),
  add: binary(tf.add),
  addN,
  asin: unary(tf.asin, { from: -0.9, to: 0.9 }),
  asinh: unary(tf.asinh),
  atan: unary(tf.atan),
  atan2: binary(tf.atan2, { special: false }),
  atanh: unary(tf.atanh, { from: -0.9, to: 0.9 }),
  cast,
  ceil: unary(tf.ceil),
  clipByValue: clip,
  cos: unary(tf.cos),
  cosh: unary(tf.cosh),
  div: binary(tf.div, { from: 0.5 }),
  divNoNan: binary(tf.divNoNan, { whole: true, special: false }),
  elu: unary(tf.elu),
  equal: comparison(tf.equal),
  erf: unary(tf.erf),
  exp: unary(tf.exp),
  expm1: unary(tf.expm1),
  floor: unary(tf.floor),
  floorDiv: binary(tf.floorDiv, { from: 0.6, special: false }),
  greater: comparison(tf.greater),
  greaterEqual: comparison(tf.greaterEqual),
  isFinite: unary(tf.isFinite),
  isInf: unary(tf.isInf),
  isNaN: unary(tf.isNaN),
  leakyRelu,
  less: comparison(tf.less),
  lessEqual: comparison(tf.lessEqual),
  log: unary(tf.log, { from: 0.2 }),
  log1p: unary(tf.log1p, { from: -0.5 }),
  logSigmoid: unary(tf.logSigmoid, { special: false }, floats),
  logicalAnd: logical(tf.logicalAnd),
  logicalNot: unary(tf.logicalNot, {}, ["bool"]),
  logicalOr: logical(tf.logicalOr),
  logicalXor: logical(tf.logicalXor),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  mod: binary(tf.mod, { from: 0.6, special: false }),
  mul: binary(tf.mul),
  neg: unary(tf.neg),
  notEqual: comparison(tf.notEqual),
  pow: binary(tf.pow, { from: 0.6, to: 2, special: false }),
  prelu: binary(tf.prelu, {}, floats),
  reciprocal: unary(tf.reciprocal, { from: 0.5 }),
  relu: unary(tf.relu),
  relu6: unary(tf.relu6, { from: -4, to: 9 }),
  round: unary(tf.round),
  rsqrt: unary(tf.rsqrt, { from: 0.2 }),
  scalarOperand,
  selu: unary(tf.selu),
  sigmoid: unary(tf.sigmoid),
  sign: unary(tf.sign),
  sin: unary(tf.sin),
  sinh: unary(tf.sinh),
  softplus: unary(tf.softplus),
  sqrt: unary(tf.sqrt, { from: 0.2 }),
  square: unary(tf.square),
  squaredDifference: binary(tf.squaredDifference),
  step,
  sub: binary(tf.sub),
  tan: unary(tf.tan, { from: -1, to: 1 }),
  tanh: unary(tf.tanh),
  where,
};
