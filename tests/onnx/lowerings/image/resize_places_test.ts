import assert from "#assert";
import { nearestPixels, neighbours } from "../../../../onnx/lowerings/image/resize_places.ts";

Deno.test("the nearest pixels are those that TensorFlow.js computes in doubles", () => {
  assert.deepEqual(nearestPixels(2, 4, { alignCorners: false, halfPixelCenters: false }), [0, 0, 1, 1]);
  assert.deepEqual(nearestPixels(3, 2, { alignCorners: true, halfPixelCenters: false }), [0, 2]);
  assert.deepEqual(nearestPixels(4, 2, { alignCorners: false, halfPixelCenters: true }), [1, 3]);
});

Deno.test("a place on a pixel has that pixel for both neighbours", () => {
  const rule = { alignCorners: false, halfPixelCenters: false };
  assert.deepEqual(neighbours(2, 4, rule), { before: [0, 0, 1, 1], after: [0, 1, 1, 1], share: [0, 0.5, 0, 0.5] });
});

Deno.test("a place before the first pixel lies between it and itself", () => {
  const { before, after, share } = neighbours(2, 4, { alignCorners: false, halfPixelCenters: true });
  assert.deepEqual(before, [0, 0, 0, 1]);
  assert.deepEqual(after.map((pixel) => pixel + 0), [0, 1, 1, 1]);
  assert.deepEqual(share, [-0.25, 0.25, 0.75, 0.25]);
});
