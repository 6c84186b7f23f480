import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { convolve } from "../../../support/lowering_cases.ts";
import { operators } from "../../../support/operators.ts";

Deno.test("single pixels of a blocked image, and the image of their gradients, stay blocked", () => {
  const filter = tf.ones([3, 3, 32, 32]);
  const pick = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 1, 2, "valid");
  const graph = trace(({ x }) => {
    const y = convolve(x!, filter), picked = convolve(pick(y), filter);
    return { dy: convolve(tf.grad(pick)(y, picked), filter) };
  }, { x: { shape: [2, 4, 4, 32] } });
  const nodes = operators(toOnnx(graph, { block: 16 })).filter((operator) => operator !== "Reshape");
  const images = nodes.slice(nodes.findIndex((operator) => operator.startsWith("Conv")));
  assert.deepEqual(images.filter((operator) => operator !== "Transpose"), [
    "Conv",
    "Slice",
    "Conv",
    "Pad",
    "Conv",
    "ReorderOutput",
  ]);
});
