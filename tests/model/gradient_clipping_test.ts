import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { clipped, globalNorm } from "../../model/gradient_clipping.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();
const gradients = { a: tf.tensor1d([3, 0]), b: tf.tensor2d([[0, 4], [12, 0]]) };
const numbers = (tensors: tf.NamedTensorMap) => Object.values(tensors).flatMap((tensor) => [...tensor.dataSync()]);

Deno.test("the global norm is the length of all gradients together", () => {
  assertClose(globalNorm(Object.values(gradients)).dataSync(), [13], 1e-6);
});

Deno.test("gradients that are too long keep their direction and get the length", () => {
  assertClose(numbers(clipped(gradients, 6.5)), [1.5, 0, 0, 2, 6, 0], 1e-6);
});

Deno.test("gradients that are short enough, or zero, stay exactly", () => {
  assert.deepEqual(numbers(clipped(gradients, 13)), numbers(gradients));
  assert.deepEqual(numbers(clipped({ a: tf.zeros([3]) }, 1)), [0, 0, 0]);
});
