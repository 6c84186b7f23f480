import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { formatGraph, trace } from "../../../onnx/internal.ts";

Deno.test("a graph is printed a line for each kernel", () => {
  const filter = tf.ones([3, 3, 3, 4]) as tf.Tensor4D;
  const graph = trace(({ image, weights }) => {
    const y = tf.conv2d(image as tf.Tensor4D, filter, 2, "same");
    const [first, second] = tf.split(tf.mul(y, 0.5), 2, 3);
    return { sum: tf.add(first!, second!), index: tf.argMax(weights!, 1) };
  }, { image: { shape: [null, 6, 5, 3] }, weights: { shape: [2, 3] } });
  assert.deepEqual(formatGraph(graph).split("\n"), [
    "input %image [?, 6, 5, 3]",
    "input %weights [2, 3]",
    "%0 = Conv2D(%image, const [3, 3, 3, 4]) {strides: 2} [?, 3, 3, 4]",
    "%1 = Multiply(%0, 0.5) [?, 3, 3, 4]",
    "%2, %3 = SplitV(%1) {numOrSizeSplits: 2, axis: 3} [?, 3, 3, 2], [?, 3, 3, 2]",
    "%4 = Add(%2, %3) [?, 3, 3, 2]",
    "%5 = ArgMax(%weights) {axis: 1} [2] int32",
    "output sum = %4 [?, 3, 3, 2]",
    "output index = %5 [2] int32",
  ]);
});

Deno.test("attributes that have their default or repeat the type of the result are left out", () => {
  const graph = trace(({ x, f }) => {
    const dx = tf.grad((x) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "valid"))(x!);
    return { dx, mean: tf.mean(x!, [1, 2], true), reshaped: tf.reshape(x!, [12]), cast: tf.cast(x!, "int32") };
  }, { x: { shape: [1, 2, 2, 3] }, f: { shape: [2, 2, 3, 1] } });
  const kernels = formatGraph(graph).split("\n").filter((line) => line.includes("(")).map((line) => line.slice(5));
  assert.deepEqual(kernels.toSorted(), [
    "Cast(%x) [1, 2, 2, 3] int32",
    "Conv2DBackpropInput(1, %f) {pad: valid} [1, 2, 2, 3]",
    "Mean(%x) {axis: [1, 2], keepDims} [1, 1, 1, 3]",
    "Reshape(%x) [12]",
  ]);
});

Deno.test("an optional input is printed with its key", () => {
  const [x, b, y] = [{ shape: [1, 2, 2, 3], dtype: "float32" }, { shape: [3], dtype: "float32" }, {
    shape: [1, 2, 2, 3],
    dtype: "float32",
  }] as const;
  const kernel = { name: "ScaleShift", inputs: { x, shift: b }, attributes: { relu: true }, outputs: [y] };
  const [, , line] = formatGraph({ inputs: { x, b }, outputs: { y }, kernels: [kernel] }).split("\n");
  assert.equal(line, "%0 = ScaleShift(%x, shift: %b) {relu} [1, 2, 2, 3]");
});
