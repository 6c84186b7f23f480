import "@tensorflow/tfjs";
import assert from "#assert";
import { fold } from "../../../onnx/trace/fold.ts";
import type { Value } from "../../../onnx/graph/graph.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

const constant = Float32Array.of(1, 2, 3, 4);
const x: Value = { shape: [4], dtype: "float32", constant };

Deno.test("a reshaped constant shares the elements of the large weight that it may be", () => {
  const folded = fold("Reshape", { x }, { shape: [2, 2] }, false) as Value;
  assert.deepEqual(folded.shape, [2, 2]);
  assert.equal(folded.constant, constant);
});

Deno.test("a part of a constant does not keep the whole", () => {
  const folded = fold("Slice", { x }, { begin: [1], size: [2] }, false) as Value;
  assert.deepEqual(folded.constant, Float32Array.of(2, 3));
  assert.equal(folded.constant!.buffer.byteLength, 8);
});

Deno.test("complex constants are computed, as pairs of a real and an imaginary part", () => {
  const numbers = fold("Complex", { real: x, imag: x }, {}, false) as Value;
  assert.deepEqual(numbers.constant, Float32Array.of(1, 1, 2, 2, 3, 3, 4, 4));
  const imaginary = fold("Imag", { input: numbers }, {}, false) as Value;
  assert.deepEqual(imaginary, { shape: [4], dtype: "float32", constant });
});
