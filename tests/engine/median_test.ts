import assert from "#assert";
import { median } from "../../engine/median.ts";

Deno.test("the median is the number in the middle, whatever the order, and the upper one of two", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 9, 100, 1]), 10);
  assert.equal(median([5]), 5);
});

Deno.test("the median leaves its argument in order", () => {
  const numbers = [3, 1, 2];
  median(numbers);
  assert.deepEqual(numbers, [3, 1, 2]);
});
