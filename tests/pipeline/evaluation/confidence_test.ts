import assert from "#assert";
import { calibration, topAccuracy } from "../../../pipeline/evaluation/confidence.ts";
import { assertClose } from "../../support/assert_close.ts";

const predictions = {
  probabilities: Float32Array.of(0.5, 0.3, 0.2, 0.1, 0.6, 0.3, 0.4, 0.2, 0.4),
  labels: [1, 1, 2],
  classes: 3,
};

Deno.test("top-k counts the images whose class is among the k likeliest, the first of equal ones before", () => {
  assertClose([1, 2, 3].map((k) => topAccuracy(predictions, k)), [1 / 3, 1, 1], 1e-12);
});

Deno.test("the calibration error is the mean distance of accuracy from confidence over the bins", () => {
  // Four images: of the two at 0.55 one is right, of the two at 0.95 both are.
  const probabilities = Float32Array.of(0.55, 0.45, 0.55, 0.45, 0.95, 0.05, 0.05, 0.95);
  const { expectedCalibrationError, bins } = calibration({ probabilities, labels: [0, 1, 0, 1], classes: 2 }, 10);
  assertClose([expectedCalibrationError], [(2 * 0.05 + 2 * 0.05) / 4], 1e-6);
  assert.deepEqual(bins.map(({ images }) => images), [0, 0, 0, 0, 0, 2, 0, 0, 0, 2]);
  assertClose([bins[5]!.accuracy, bins[5]!.confidence, bins[9]!.accuracy], [0.5, 0.55, 1], 1e-6);
});

Deno.test("a confidence on the border of two bins is of the lower, and certainty of the last", () => {
  const { bins } = calibration({ probabilities: Float32Array.of(0.5, 0.5, 1, 0), labels: [0, 0], classes: 2 }, 2);
  assert.deepEqual(bins.map(({ images }) => images), [1, 1]);
});
