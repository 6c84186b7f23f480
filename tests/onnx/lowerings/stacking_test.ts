import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { trace } from "../../../onnx/internal.ts";
import { stackingLowerings } from "../../../onnx/lowerings/stacking.ts";
import { blockedCase, type Case, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

const shapes = (a: number[], b: number[]): Case => ({
  fn: (a, b) => tf.broadcastArgs(a!, b!),
  shapes: [[a.length], [b.length]],
  dtypes: ["int32", "int32"],
  elements: [a, b],
});

testLowerings(Object.keys(stackingLowerings), {
  "BroadcastArgs": shapes([3, 1], [2, 1, 5]),
  "BroadcastArgs of nothing": shapes([0, 1], [1, 4]),
  "Pack along each axis": testCase((a, b) => [-1, 0, 1, 2].map((axis) => tf.stack([a!, b!], axis)), [null, 3], [
    null,
    3,
  ]),
  "Pack of one": testCase((a) => tf.stack([a!], 1), [3, 4]),
  "Pack of scalars": testCase((a, b) => tf.stack([a!, b!]), [], []),
  "Pack of bool": typedCase("bool", (a, b) => tf.stack([a!, b!]), [3], [3]),
  "Pack's gradients": testCase((a, b) => tf.grads((a, b) => tf.stack([a, b], 1))([a!, b!]), [3, 4], [3, 4]),
  "Reverse of axes": testCase((x) => [[0], [1], [-1], [0, 2]].map((axes) => tf.reverse(x!, axes)), [null, 3, 4]),
  "Reverse of every axis": testCase((x) => tf.reverse(x!), [3, 4]),
  "Reverse of a scalar": testCase((x) => tf.reverse(x!), []),
  "Reverse of bool and of nothing": typedCase("bool", (x, y) => [tf.reverse(x!), tf.reverse(y!)], [7], [0, 3]),
  "Reverse's gradient": testCase((x) => tf.grad((x) => tf.square(tf.reverse(x, 1)))(x!), [3, 4]),
  "Reverse of a blocked image": blockedCase((y) => tf.reverse(y, [1, 2])),
  "Tile": testCase((x) => tf.tile(x!, [2, 3]), [null, 4]),
  "Tile of a scalar, of bool, and no times": testCase(
    (x, y) => [tf.tile(x!, []), tf.tile(tf.greater(y!, 0), [2, 1]), tf.tile(y!, [0, 2])],
    [],
    [3, 4],
  ),
  "Tile's gradient": testCase((x) => tf.grad((x) => tf.square(tf.tile(x, [2, 3])))(x!), [3, 4]),
  "tf.broadcastTo, which calls other kernels": testCase((x) => tf.broadcastTo(x!, [2, 3, 4]), [3, 1]),
  "tf.meshgrid, which calls other kernels": testCase((x, y) => tf.meshgrid(x!, y!), [3], [4]),
  "Unpack along each axis": testCase((x) => [...tf.unstack(x!, 1), ...tf.unstack(x!, -1)], [null, 3, 2]),
  "Unpack of one and of bool": typedCase("bool", (x, y) => [...tf.unstack(x!), ...tf.unstack(y!)], [1, 3], [2, 3]),
  "Unpack's gradient": testCase(
    (x) => tf.grad((x) => tf.unstack(x, 1).map((part, at) => tf.mul(part, at + 1)).reduce((a, b) => tf.add(a, b)))(x!),
    [3, 4],
  ),
});

Deno.test("a stack of several types is refused", () => {
  assert.throws(
    () => trace(({ a, b }) => ({ y: tf.stack([a!, b!]) }), { a: { shape: [2] }, b: { shape: [2], dtype: "int32" } }),
    /^TraceError: tf.stack of tensors of several types; cast them/,
  );
});

Deno.test("the number of parts of an unknown size is refused", () => {
  assert.throws(() => trace(({ x }) => ({ y: tf.unstack(x!)[0]! }), { x: { shape: [null, 2] } }), /^TraceError: /);
});
