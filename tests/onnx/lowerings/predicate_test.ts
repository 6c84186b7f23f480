import * as tf from "@tensorflow/tfjs";
import { predicateLowerings } from "../../../onnx/lowerings/predicate.ts";
import { specialCase, specialPairs, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

const integers = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 255, -256, 0x0f0f0f0f, 12345678];

testLowerings(Object.keys(predicateLowerings), {
  "BitwiseAnd, negative numbers too": {
    fn: (a, b) => tf.bitwiseAnd(a!, b!),
    shapes: [[9, 9], [9, 9]],
    dtypes: ["int32", "int32"],
    elements: [integers, integers.flatMap((x) => Array(9).fill(x))],
  },
  "IsFinite": specialCase((x) => tf.isFinite(x!)),
  "IsInf": specialCase((x) => tf.isInf(x!)),
  "IsNan": specialCase((x) => tf.isNaN(x!)),
  "questions about int32 with an unknown size": typedCase(
    "int32",
    (x) => [tf.isFinite(x!), tf.isInf(x!), tf.isNaN(x!)],
    [null, 2],
  ),
  "questions about bool": typedCase("bool", (x) => [tf.isFinite(x!), tf.isInf(x!), tf.isNaN(x!)], [5]),
  "gradients, which are 0": testCase(
    (x) => [tf.isFinite, tf.isInf, tf.isNaN].map((f) => tf.grad((x) => tf.cast(f(x), "float32"))(x!)),
    [4],
  ),
  "NotEqual of special numbers": specialPairs((a, b) => tf.notEqual(a!, b!)),
  "NotEqual of int32, which broadcasts": typedCase("int32", (a, b) => tf.notEqual(a!, b!), [null, 4], [4]),
  "NotEqual of bool": typedCase("bool", (a, b) => tf.notEqual(a!, b!), [20], [20]),
  "tf.logicalXor, which calls other kernels": typedCase("bool", (a, b) => tf.logicalXor(a!, b!), [20], [20]),
});
