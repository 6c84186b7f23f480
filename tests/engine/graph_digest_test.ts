import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { graphDigest } from "../../engine/graph_digest.ts";
import { type InputSpec, type TensorFunction, trace } from "../../onnx/internal.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

const digestOf = (fn: TensorFunction, inputs: Readonly<Record<string, InputSpec>> = { x: { shape: [2, 3] } }) =>
  graphDigest(trace(fn, inputs));

const scaled = (factors: readonly number[]): TensorFunction => ({ x }) => ({
  y: tf.mul(x!, tf.tensor1d([...factors])),
});

Deno.test("two traces of a function have the same digest", () => {
  assert.equal(digestOf(scaled([1, 2, 3])), digestOf(scaled([1, 2, 3])));
});

const base = digestOf(scaled([1, 2, 3]));
const others: Readonly<Record<string, string>> = {
  "an element of a constant": digestOf(scaled([1, 2, 4])),
  "NaN in a constant": digestOf(scaled([1, 2, NaN])),
  "the shape of an input": digestOf(scaled([1, 2, 3]), { x: { shape: [4, 3] } }),
  "a size that is not known": digestOf(scaled([1, 2, 3]), { x: { shape: [null, 3] } }),
  "the name of an input": digestOf(({ z }) => ({ y: tf.mul(z!, tf.tensor1d([1, 2, 3])) }), { z: { shape: [2, 3] } }),
  "the name of an output": digestOf(({ x }) => ({ w: tf.mul(x!, tf.tensor1d([1, 2, 3])) })),
  "a kernel": digestOf(({ x }) => ({ y: tf.sub(x!, tf.tensor1d([1, 2, 3])) })),
  "the order of a kernel's inputs": digestOf(({ x }) => ({ y: tf.mul(tf.tensor1d([1, 2, 3]), x!) })),
  "an attribute": digestOf(({ x }) => ({ y: tf.sum(x!, 0) })),
  "another value of that attribute": digestOf(({ x }) => ({ y: tf.sum(x!, 1) })),
};

Deno.test("graphs that differ in one thing have different digests", () => {
  const digests = [base, ...Object.values(others)];
  assert.equal(new Set(digests).size, digests.length, Object.keys(others).join(", "));
});

Deno.test("numbers that JSON cannot tell apart have different digests", () => {
  const x = { shape: [2], dtype: "float32" } as const, y = { ...x };
  const filled = (value: number) =>
    graphDigest({
      inputs: { x },
      outputs: { y },
      kernels: [{ name: "LeakyRelu", inputs: { x }, attributes: { alpha: value }, outputs: [y] }],
    });
  const numbers = [0, -0, NaN, Infinity, -Infinity];
  assert.equal(new Set(numbers.map(filled)).size, numbers.length);
});
