import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { boxLowerings } from "../../../onnx/lowerings/boxes.ts";
import { type Case, testLowerings } from "../../support/lowering_cases.ts";

const suppress =
  (count: number, overlap: number, score = -Infinity, pad = true) => (boxes: tf.Tensor, scores: tf.Tensor) =>
    tf.image.nonMaxSuppressionPadded(boxes as tf.Tensor2D, scores as tf.Tensor1D, count, overlap, score, pad);

const padded = (...args: Parameters<typeof suppress>): Case => ({
  fn: (boxes, scores) => {
    const { selectedIndices, validOutputs } = suppress(...args)(boxes!, scores!) as Record<string, tf.Tensor>;
    return [selectedIndices!, validOutputs!];
  },
  shapes: [[20, 4], [20]],
});

/** Boxes that overlap by exactly a half, by a third and not at all, scores that are equal, and one that is no number. */
const exact: Partial<Case> = {
  shapes: [[5, 4], [5]],
  elements: [[0, 0, 1, 1, 0, 0, 1, 2, 0, 0.5, 1, 1.5, 1, 1, 0, 0, 5, 5, 6, 6], [0.5, 0.9, 0.5, NaN, 0.5]],
};

testLowerings(Object.keys(boxLowerings), {
  "NonMaxSuppressionV4": padded(10, 0.3),
  "NonMaxSuppressionV4 above a score": padded(10, 0.5, 0.25),
  "NonMaxSuppressionV4 of more boxes than there are": padded(30, 0.9),
  "NonMaxSuppressionV4 at its thresholds": { ...padded(5, 0.5, 0.5), ...exact },
  "NonMaxSuppressionV4 of equal scores": { ...padded(5, 0.5), ...exact },
  "NonMaxSuppressionV4 with a threshold of 0": padded(3, 0),
  "NonMaxSuppressionV4 of none": padded(1, 0.5, 5),
});

const specs = (count: number | null) => ({ boxes: { shape: [count, 4] }, scores: { shape: [count] } });

const tracedWith = (pad: boolean, count: number | null) =>
  trace(({ boxes, scores }) => ({ y: suppress(3, 0.5, 0, pad)(boxes!, scores!)["selectedIndices"]! }), specs(count));

Deno.test("a number of boxes that depends on the scores is refused", () => {
  assert.throws(() => tracedWith(false, 5), /^TraceError: how many boxes stay depends on their scores; call/);
});

Deno.test("an unknown number of boxes is refused", () => {
  assert.throws(
    () => toOnnx(tracedWith(true, null)),
    /^TraceError: attribute maxOutputSize of tf\.image\.nonMaxSuppressionPadded depends on a dynamic dimension/,
  );
});
