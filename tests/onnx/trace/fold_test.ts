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

Deno.test("a constant of complex numbers is refused", () => {
  assert.throws(() => fold("Complex", { real: x, imag: x }, {}, false), {
    name: "TraceError",
    message: "tf.complex makes a constant of type complex64; compute it before the trace, as float32, int32 or bool",
  });
});
