import * as tf from "@tensorflow/tfjs";
import { roundingLowerings } from "../../../onnx/lowerings/rounding.ts";
import { specialCase, specialPairs, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(roundingLowerings), {
  "Ceil": specialCase((x) => tf.ceil(x!)),
  "Floor": specialCase((x) => tf.floor(x!)),
  "FloorDiv of special numbers": specialPairs((a, b) => tf.floorDiv(a!, b!)),
  "FloorDiv by a tenth, whose quotients are near whole numbers": testCase(
    (x) => tf.floorDiv(tf.round(tf.mul(x!, 100)).div(10), 0.1),
    [200],
  ),
  "FloorDiv of int32, 0 for a division by 0": typedCase("int32", (a, b) => tf.div(a!, b!), [40], [40]),
  "FloorDiv of bool": typedCase("bool", (a, b) => tf.floorDiv(a!, b!), [40], [40]),
  "Mod of special numbers": specialPairs((a, b) => tf.mod(a!, b!)),
  "Mod of int32": typedCase("int32", (a, b) => tf.mod(a!, b!), [40], [40]),
  "Mod of bool": typedCase("bool", (a, b) => tf.mod(a!, b!), [40], [40]),
  "Mod's gradient": testCase((a, b) => tf.grads((a, b) => tf.mod(a, b))([a!, b!]), [3, 4], [4]),
  "Round, halves to even numbers": specialCase((x) => tf.round(x!)),
  "Round of int32": typedCase("int32", (x) => tf.round(x!), [20]),
  "Round of bool": typedCase("bool", (x) => tf.round(x!), [20]),
  "Sign, 0 for NaN": specialCase((x) => tf.sign(x!)),
  "Sign of int32": typedCase("int32", (x) => tf.sign(x!), [null, 3]),
  "Sign of bool": typedCase("bool", (x) => tf.sign(x!), [20]),
  "gradients of steps": testCase(
    (x) => [tf.ceil, tf.floor, tf.round, tf.sign].map((f) => tf.grad((x) => f(x as tf.Tensor))(x!)),
    [3, 4],
  ),
});
