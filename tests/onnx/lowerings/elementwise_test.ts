import * as tf from "@tensorflow/tfjs";
import { elementwiseLowerings } from "../../../onnx/lowerings/elementwise.ts";
import {
  blockedCase,
  type Case,
  convolvedCase,
  image,
  positiveCase,
  specialCase,
  specialPairs,
  testCase,
  testLowerings,
  typedCase,
} from "../../support/lowering_cases.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const unary: Record<string, Unary> = {
  Abs: tf.abs,
  Exp: tf.exp,
  Neg: tf.neg,
  Reciprocal: tf.reciprocal,
  Relu: tf.relu,
  Square: tf.square,
};

const comparisons: Record<string, Binary> = {
  Equal: tf.equal,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
};

const arithmetic: Record<string, Binary> = { Add: tf.add, RealDiv: tf.div, Sub: tf.sub };

const ofBoolToo: Record<string, Binary> = {
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  Multiply: tf.mul,
  Pow: tf.pow,
  SquaredDifference: tf.squaredDifference,
};

const each = <F>(functions: Record<string, F>, what: string, caseOf: (fn: F) => Case) =>
  Object.fromEntries(Object.entries(functions).map(([name, fn]) => [`${name} ${what}`, caseOf(fn)]));

const binary = { ...comparisons, ...arithmetic, ...ofBoolToo };

testLowerings(Object.keys(elementwiseLowerings), {
  ...each(unary, "of special numbers", (fn) => specialCase((x) => fn(x!))),
  ...each(unary, "of int32", (fn) => typedCase("int32", (x) => fn(x!), [null, 9])),
  ...each(binary, "of special numbers", (fn) => specialPairs((a, b) => fn(a!, b!))),
  ...each(binary, "of int32", (fn) => typedCase("int32", (a, b) => fn(a!, b!), [null, 9], [9])),
  ...each({ ...comparisons, ...ofBoolToo }, "of bool", (fn) => typedCase("bool", (a, b) => fn(a!, b!), [20], [20])),
  ...each(binary, "of int32 and float32", (fn) => ({
    ...testCase((a, b) => fn(a!, b!), [9], [9]),
    dtypes: ["int32"],
  })),
  "Abs": testCase((x) => tf.abs(x!), [3, 4]),
  "Add broadcasts a channel vector": testCase((a, b) => tf.add(a!, b!), image, [3]),
  "Add broadcasts over a convolution": convolvedCase((y, _, b) => tf.add(y, b!), [5, 4]),
  "Add of a tensor of full rank over a convolution": convolvedCase((y, _, b) => tf.add(y, b!), [2, 1, 1, 1]),
  "AddN": testCase((a, b, c) => tf.addN([a!, b!, c!]), [3, 4], [3, 4], [3, 4]),
  "AddN of a constant and an input is no constant": testCase((x) => tf.square(tf.addN([tf.ones([3, 4]), x!])), [3, 4]),
  "Cast": testCase((x) => tf.cast(tf.mul(x!, 9), "int32"), [3, 4]),
  "Equal": testCase((a, b) => tf.equal(tf.step(a!), tf.step(b!)), [3, 4], [3, 4]),
  "Exp": testCase((x) => tf.exp(x!), [3, 4]),
  "Greater": testCase((a, b) => tf.greater(a!, b!), [3, 4], [4]),
  "GreaterEqual": testCase((a, b) => tf.greaterEqual(a!, b!), [3, 4], [4]),
  "Less": testCase((a, b) => tf.less(a!, b!), [3, 4], [4]),
  "LessEqual": testCase((a, b) => tf.lessEqual(a!, b!), [3, 4], [4]),
  "Log": positiveCase((x) => tf.log(x!), [3, 4]),
  "LogicalAnd": testCase((a, b) => tf.logicalAnd(tf.greater(a!, 0), tf.greater(b!, 0)), [3, 4], [3, 4]),
  "LogicalNot": testCase((a) => tf.logicalNot(tf.greater(a!, 0)), [3, 4]),
  "LogicalOr": testCase((a, b) => tf.logicalOr(tf.greater(a!, 0), tf.greater(b!, 0)), [3, 4], [3, 4]),
  "Maximum": testCase((a, b) => tf.maximum(a!, b!), [3, 4], [4]),
  "Minimum": testCase((a, b) => tf.minimum(a!, b!), [3, 4], [4]),
  "Multiply": testCase((a, b) => tf.mul(a!, b!), image, image),
  "Multiply by ones broadcasts": testCase((a) => tf.mul(a!, tf.ones([10, 3, 4])), [3, 4]),
  "Neg": testCase((x) => tf.neg(x!), [3, 4]),
  "Pow": positiveCase((a, b) => tf.pow(a!, b!), [3, 4], [4]),
  "RealDiv": positiveCase((a, b) => tf.div(a!, b!), [3, 4], [4]),
  "Reciprocal": positiveCase((x) => tf.reciprocal(x!), [3, 4]),
  "Relu": testCase((x) => tf.relu(x!), image),
  "Rsqrt": positiveCase((x) => tf.rsqrt(x!), [3, 4]),
  "Select": testCase((a, b, c) => tf.where(tf.greater(a!, 0), b!, c!), [3, 4], [3, 4], [3, 4]),
  "Sigmoid": testCase((x) => tf.sigmoid(x!), [3, 4]),
  "Sqrt": positiveCase((x) => tf.sqrt(x!), [3, 4]),
  "Square": testCase((x) => tf.square(x!), [3, 4]),
  "SquaredDifference": testCase((a, b) => tf.squaredDifference(a!, b!), [3, 4], [4]),
  "Step": testCase((x) => tf.step(x!), [3, 4]),
  "Sub": testCase((a, b) => tf.sub(a!, b!), [4], [3, 4]),
  "Tanh": testCase((x) => tf.tanh(x!), [3, 4]),
  "choices between blocked images": blockedCase((y, x) => [
    tf.where(tf.greater(y, x), y, x),
    tf.cast(tf.greater(y, 0), "float32"),
  ]),
  "operands that broadcast over a blocked image": blockedCase((y, x) => [
    tf.add(y, tf.slice4d(x, [0, 0, 0, 0], [1, 4, 3, 32])),
    tf.add(y, tf.slice4d(x, [0, 0, 0, 5], [2, 4, 3, 1])),
    tf.add(y, tf.reshape(tf.slice4d(x, [0, 0, 0, 0], [1, 1, 3, 32]), [3, 32])),
  ]),
});
