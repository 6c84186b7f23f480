import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { type Case, specialNumbers, testCase, testLowerings } from "../../../support/lowering_cases.ts";
import { operators } from "../../../support/operators.ts";
import { runOnnx } from "../../../support/run_onnx.ts";

const rules = [[false, false], [true, false], [false, true]] as const;
const resizeBy = (size: [number, number]) => (x: tf.Tensor | undefined) =>
  rules.map(([align, halfPixel]) => tf.image.resizeBilinear(x as tf.Tensor4D, size, align, halfPixel));
const exact = (tested: Case): Case => ({ ...tested, elements: [specialNumbers], specialValues: "exact" });

testLowerings(["ResizeBilinear"], {
  "larger images of special numbers": exact(testCase(resizeBy([9, 10]), [2, 3, 5, 3])),
  "smaller images of special numbers": exact(testCase(resizeBy([2, 1]), [2, 5, 4, 3])),
  "images of special numbers and an unknown size": exact(testCase(resizeBy([6, 3]), [null, null, null, 2])),
});

/** A row of three pixels, resized to five, so that every second one is one of the three. */
const resized = async (options: Parameters<typeof toOnnx>[1]) => {
  const resize = ({ x }: Record<string, tf.Tensor>) => ({
    y: tf.image.resizeBilinear(x as tf.Tensor4D, [1, 5], true),
  });
  const model = toOnnx(trace(resize, { x: { shape: [1, 1, 3, 1] } }), options);
  const { y } = await runOnnx(model, { x: { shape: [1, 1, 3, 1], data: Float32Array.of(1, Infinity, 2) } });
  return { y: [...y!.data], operators: operators(model) };
};

Deno.test("an infinite pixel becomes NaN and keeps its neighbours", async () => {
  const { y } = await resized({ specialValues: "exact" });
  assert.deepEqual(y, [1, NaN, NaN, NaN, 2]);
});

Deno.test("fast special values resize with one operator", async () => {
  assert.ok((await resized({})).operators.includes("Resize"));
});
