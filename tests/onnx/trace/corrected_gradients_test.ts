import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();

/** The gradient of sum(fn(x)^2), by central differences. */
function differences(fn: (x: tf.Tensor) => tf.Tensor, x: Float32Array, shape: number[]): number[] {
  const loss = (elements: Float32Array) => tf.sum(tf.square(fn(tf.tensor(elements, shape)))).dataSync()[0]!;
  const step = 0.01;
  return Array.from(x, (element, at) => {
    const [above, below] = [element + step, element - step].map((moved) => loss(x.with(at, moved)));
    return (above! - below!) / (2 * step);
  });
}

for (const axis of [0, 1, 2]) {
  for (const [exclusive, reverse] of [[false, false], [true, true]]) {
    Deno.test(`the gradient of a cumulative sum along axis ${axis}${exclusive ? ", exclusive and reverse" : ""}`, async () => {
      const shape = [3, 4, 2], x = randomArray(shape, 1);
      const fn = (x: tf.Tensor) => tf.cumsum(x, axis, exclusive, reverse);
      const graph = trace(({ x }) => ({ dx: tf.grad((x) => tf.sum(tf.square(fn(x))))(x!) }), { x: { shape } });
      const { dx } = await runOnnx(toOnnx(graph), { x: { shape, data: x } });
      assertClose(dx!.data, differences(fn, x, shape), 2e-3);
    });
  }
}

Deno.test("TensorFlow.js keeps its own gradients outside of a trace", () => {
  const own = tf.getGradient("Cumsum");
  trace(({ x }) => ({ y: tf.cumsum(x!) }), { x: { shape: [2] } });
  assert.equal(tf.getGradient("Cumsum"), own);
});
