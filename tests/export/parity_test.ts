import assert from "#assert";
import { compareLogits, lossOf } from "../../export/parity.ts";

Deno.test("parity names the largest difference, and fails on one above the tolerance or another class", () => {
  const reference = Float32Array.of(1, 2, 5, 3), labels = [1, 1];
  const near = compareLogits(reference, Float32Array.of(1, 2.0625, 5, 3), labels, 0.1);
  assert.deepEqual(near, {
    images: 2,
    maxAbsoluteDifference: 0.0625,
    tolerance: 0.1,
    top1Agreement: 1,
    accuracy: { reference: 0.5, exported: 0.5 },
    passed: true,
  });
  assert.equal(compareLogits(reference, Float32Array.of(1, 2.5, 5, 3), labels, 0.1).passed, false);
  assert.equal(compareLogits(Float32Array.of(1, 1.01), Float32Array.of(1.01, 1), [0], 0.1).passed, false);
  assert.equal(compareLogits(reference, Float32Array.of(1, NaN, 5, 3), labels, 0.1).passed, false);
  assert.equal(compareLogits(reference, Float32Array.of(NaN, 2, 5, 3), labels, 0.1).passed, false);
});

Deno.test("the loss of a lower precision is in points of accuracy; too great a loss or NaN fails", () => {
  const float32 = Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0), labels = [0, 1, 0, 1];
  const reduced = Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0.5);
  const { accuracy, accuracyLoss, top1Agreement, maxAbsoluteDifference, passed } = lossOf(float32, reduced, labels, 24);
  assert.deepEqual({ accuracy, accuracyLoss, top1Agreement, maxAbsoluteDifference, passed }, {
    accuracy: 0.5,
    accuracyLoss: 25,
    top1Agreement: 0.75,
    maxAbsoluteDifference: 1,
    passed: false,
  });
  assert.equal(lossOf(float32, reduced, labels, 25).passed, true);
  assert.equal(lossOf(float32, Float32Array.of(1, NaN, 0, 1, 1, 0, 1, 0), labels, 100).passed, false);
});
