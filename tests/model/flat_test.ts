import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { flatten, unflatten } from "../../model/flat.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

Deno.test("tensors become one vector and come back in their shapes", () => {
  const tensors = [tf.scalar(1), tf.tensor2d([[2, 3], [4, 5]]), tf.tensor1d([6])];
  const vector = flatten(tensors);
  assert.deepEqual([...vector.dataSync()], [1, 2, 3, 4, 5, 6]);
  const parts = unflatten(vector, tensors);
  assert.deepEqual(parts.map(({ shape }) => shape), [[], [2, 2], [1]]);
  assert.deepEqual(parts.map((part) => [...part.dataSync()]), [[1], [2, 3, 4, 5], [6]]);
});
