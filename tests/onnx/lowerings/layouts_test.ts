import assert from "#assert";
import { axesIn, axisIn, isSameInEveryLayout, permuteTo, shapeIn } from "../../../onnx/lowerings/layouts.ts";

Deno.test("shapes in every layout; one channel lies in no block", () => {
  const shape = [2, 4, 5, 32];
  assert.deepEqual(shapeIn("natural", shape, 8), shape);
  assert.deepEqual(shapeIn("channelsFirst", shape, 8), [2, 32, 4, 5]);
  assert.deepEqual(shapeIn("blocked", shape, 8), [2, 4, 4, 5, 8]);
  assert.deepEqual(shapeIn("blocked", [2, 4, 5, 1], 8), [2, 1, 4, 5, 1]);
});

Deno.test("axes in every layout; blocked channels are two axes, joined along the first", () => {
  assert.deepEqual([0, 1, 2, 3].map((axis) => axisIn("channelsFirst", axis)), [0, 2, 3, 1]);
  assert.deepEqual(axesIn("blocked", 3), [1, 4]);
  assert.equal(axisIn("blocked", 3), 1);
  assert.equal(axisIn("natural", 5), 5, "a value of higher rank");
});

Deno.test("values per axis go where their axes go, and the inner channels have their own", () => {
  assert.deepEqual(permuteTo("blocked", ["n", "h", "w", "c"], "b"), ["n", "c", "h", "w", "b"]);
});

Deno.test("an image of one pixel or one channel has the same order in every layout", () => {
  assert.deepEqual([[2, 1, 1, 8], [2, 4, 4, 1], [2, 4, 1, 8]].map(isSameInEveryLayout), [true, true, false]);
});
