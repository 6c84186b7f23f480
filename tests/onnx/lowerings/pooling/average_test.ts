import * as tf from "@tensorflow/tfjs";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { randomArray } from "../../../support/random_tensors.ts";
import { runOnnx } from "../../../support/run_onnx.ts";

type Pool = (x: tf.Tensor) => tf.Tensor;

/**
 * TensorFlow.js's CPU backend lets padding count into the gradients of averages, though not into the averages, and takes the
 * windows of a gradient for rounded down.
 */
const pools: Readonly<Record<string, { readonly pool: Pool; readonly shape: readonly number[] }>> = {
  "same": { pool: (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same"), shape: [2, 6, 5, 3] },
  "a number": { pool: (x) => tf.avgPool(x as tf.Tensor4D, [2, 3], [1, 2], 1), shape: [2, 6, 5, 3] },
  "a number as large as the window": { pool: (x) => tf.avgPool(x as tf.Tensor4D, 1, 1, 1), shape: [1, 3, 3, 2] },
  "rounding up": { pool: (x) => tf.avgPool(x as tf.Tensor4D, 2, 2, 0, "ceil"), shape: [2, 6, 5, 3] },
  "same, three sides": { pool: (x) => tf.avgPool3d(x as tf.Tensor5D, 3, 2, "same"), shape: [2, 6, 5, 4, 3] },
};

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, at) => sum + x * b[at]!, 0);

for (const [padding, { pool, shape }] of Object.entries(pools)) {
  const what = `the gradient of an average padded by ${padding}`;
  Deno.test(`${what} is its adjoint: <average(x), dy> = <x, gradient(dy)>`, async () => {
    const x = randomArray(shape, 1), pooled = tf.tensor(x, [...shape]);
    // A window beside the image averages nothing.
    const expected = pool(pooled).dataSync().map((average) => Number.isNaN(average) ? 0 : average);
    const dyShape = pool(pooled).shape, dy = randomArray(dyShape, 2);
    const weights = dy.map((weight, at) => Number.isNaN(pool(pooled).dataSync()[at]) ? 0 : weight);
    const graph = trace(({ x, dy }) => ({ dx: tf.grad(pool)(x!, dy!) }), { x: { shape }, dy: { shape: dyShape } });
    const { dx } = await runOnnx(toOnnx(graph), { x: { shape, data: x }, dy: { shape: dyShape, data: weights } });
    assertClose([dot(x, dx!.data)], [dot(expected, weights)], 1e-5);
  });
}
