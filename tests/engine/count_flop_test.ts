import assert from "#assert";
import * as tf from "@tensorflow/tfjs";
import { countFlop } from "../../engine/count_flop.ts";

Deno.test("a product of [a, b] and [b, c] is 2 a b c operations", () => {
  const product = ({ x, w }: tf.NamedTensorMap) => ({ y: tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D) });
  assert.equal(countFlop(product, { x: { shape: [5, 7] }, w: { shape: [7, 3] } }), 2 * 5 * 7 * 3);
});
