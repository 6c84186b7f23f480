import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace, TraceError } from "../../../onnx/internal.ts";
import { poolingLowerings } from "../../../onnx/lowerings/pooling.ts";
import { assertClose } from "../../support/assert_close.ts";
import { image, testCase, testLowerings } from "../../support/lowering_cases.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const pool = (size: number, pad: "same" | "valid") => (x: tf.Tensor): tf.Tensor =>
  tf.avgPool(x as tf.Tensor4D, size, 2, pad);
const squared = (size: number) => (x: tf.Tensor) => tf.square(pool(size, "valid")(x));

testLowerings(Object.keys(poolingLowerings), {
  "AvgPool with padding": testCase((x) => pool(3, "same")(x!), image),
  "AvgPool of single pixels": testCase((x) => pool(1, "valid")(x!), image),
  "AvgPoolGrad": testCase((x) => tf.grad(squared(3))(x!), image),
  "AvgPoolGrad of single pixels": testCase((x) => tf.grad(squared(1))(x!), image),
  "AvgPoolGrad of a constant image is no constant": testCase(
    (dy) => tf.square(tf.grad(pool(3, "valid"))(tf.ones(image), dy!)),
    [2, 2, 2, 3],
  ),
});

// TensorFlow.js's CPU backend lets padding count into this gradient, though not into the average itself.
Deno.test("AvgPoolGrad with padding is the adjoint of AvgPool: <AvgPool(x), dy> = <x, AvgPoolGrad(dy)>", async () => {
  const padded = pool(3, "same");
  const x = randomArray(image, 1), pooled = padded(tf.tensor(x, image));
  const dy = randomArray(pooled.shape, 2);
  const graph = trace(({ x, dy }) => ({ dx: tf.grad(padded)(x!, dy!) }), {
    x: { shape: image },
    dy: { shape: pooled.shape },
  });
  const { dx } = await runOnnx(toOnnx(graph), { x: { shape: image, data: x }, dy: { shape: pooled.shape, data: dy } });
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, at) => sum + x * b[at]!, 0);
  assertClose([dot(x, dx!.data)], [dot(pooled.dataSync(), dy)], 1e-5);
});

Deno.test("a size that is not rounded down cannot be traced, and the message says what can", () => {
  const rounded = () =>
    trace(({ x }) => ({ y: tf.avgPool(x as tf.Tensor4D, 2, 2, 0, "ceil") }), { x: { shape: image } });
  assert.throws(rounded, new TraceError("kernel AvgPool rounds sizes by ceil; it can be traced with floor"));
});
