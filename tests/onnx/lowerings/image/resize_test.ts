import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { operators } from "../../../support/operators.ts";
import { randomArray } from "../../../support/random_tensors.ts";
import { runOnnx } from "../../../support/run_onnx.ts";

const image = [2, 6, 5, 3];
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, at) => sum + x * b[at]!, 0);

const resizes = {
  "linear": (x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [9, 4], false, true),
  "linear, of unequal sides": (x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [9, 4]),
  "nearest": (x: tf.Tensor) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [9, 4], false, true),
};

// TensorFlow.js's gradients leave half-pixel centres out, and exchange the sides of an image.
for (const [what, resize] of Object.entries(resizes)) {
  Deno.test(`the gradient of resizing, ${what}, is its adjoint: <resize(x), dy> = <x, gradient(dy)>`, async () => {
    const x = randomArray(image, 1), resized = resize(tf.tensor(x, image)), dy = randomArray(resized.shape, 2);
    const inputs = { x: { shape: image }, dy: { shape: resized.shape } };
    const graph = trace(({ x, dy }) => ({ dx: tf.grad(resize)(x!, dy!) }), inputs);
    const { dx } = await runOnnx(toOnnx(graph), {
      x: { shape: image, data: x },
      dy: { shape: resized.shape, data: dy },
    });
    assert.deepEqual(dx!.shape, image);
    assertClose([dot(x, dx!.data)], [dot(resized.dataSync(), dy)], 1e-5);
  });
}

Deno.test("an image enlarged by whole factors is one Resize", () => {
  const enlarge = (x: tf.Tensor) => tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [12, 15]);
  const graph = trace(({ x }) => ({ y: enlarge(x!) }), { x: { shape: [null, 6, 5, 3] } });
  assert.deepEqual(operators(toOnnx(graph)), ["Transpose", "Resize", "Transpose"]);
});
