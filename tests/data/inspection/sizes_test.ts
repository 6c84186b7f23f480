import assert from "#assert";
import { sizesOf } from "../../../data/inspection/sizes.ts";

const size = (width: number, height: number) => ({ width, height });

Deno.test("sizes have their ends, their medians and the most frequent ones", () => {
  const sizes = sizesOf([size(100, 80), size(40, 60), size(100, 80), size(300, 200), size(50, 50)]);
  assert.deepEqual(sizes.width, { least: 40, median: 100, greatest: 300 });
  assert.deepEqual(sizes.height, { least: 50, median: 80, greatest: 200 });
  assert.deepEqual(sizes.shorterSides, [40, 50, 80, 80, 200]);
  assert.deepEqual(sizes.frequent[0], { width: 100, height: 80, pictures: 2 });
});

Deno.test("the recommended side is the greatest that half of the pictures fill, and 32 for smaller ones", () => {
  for (const [side, expected] of [[8, 32], [32, 32], [63, 32], [64, 64], [127, 64], [223, 128], [4000, 224]] as const) {
    assert.equal(sizesOf([size(side, 2 * side)]).recommendedSide, expected, String(side));
  }
});
