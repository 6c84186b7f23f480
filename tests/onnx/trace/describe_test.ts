import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { describe } from "../../../onnx/trace/describe.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

const kinds: readonly (readonly [value: unknown, kind: string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  [1, "a number"],
  [tf.neg, "a function"],
  [[1], "a list"],
  [{}, "an object"],
  [tf.scalar(1), "a tensor"],
  [tf.variable(tf.scalar(1)), "a variable"],
  [tf.layers.flatten(), "a layer"],
  [Promise.resolve(), "a promise"],
];

Deno.test("a value is named by its kind", () => {
  assert.deepEqual(kinds.map(([value]) => describe(value)), kinds.map(([, kind]) => kind));
});

Deno.test("a described promise may reject without ending the program", async () => {
  assert.equal(describe(Promise.reject(new Error("late"))), "a promise");
  await new Promise((resolve) => setTimeout(resolve));
});
