import assert from "#assert";
import { stackedInputs } from "../../../../pipeline/commands/export/stacked_inputs.ts";

Deno.test("the steps become the first dimension of each tensor, whose type stays", () => {
  const step = (at: number) => ({
    images: { shape: [1, 2], data: Float32Array.of(at + 0.25, at + 0.5) },
    labels: { shape: [1], data: Int32Array.of(at) },
    learningRate: { shape: [], data: Float32Array.of(at / 8) },
  });
  assert.deepEqual(stackedInputs([step(1), step(2), step(3)]), {
    images: { shape: [3, 1, 2], data: Float32Array.of(1.25, 1.5, 2.25, 2.5, 3.25, 3.5) },
    labels: { shape: [3, 1], data: Int32Array.of(1, 2, 3) },
    learningRate: { shape: [3], data: Float32Array.of(0.125, 0.25, 0.375) },
  });
});
