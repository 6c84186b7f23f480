import assert from "#assert";
import { barsOf, isVaried } from "../../../pipeline/report/size_figure.ts";

Deno.test("bars have equal lengths and count every picture once", () => {
  assert.deepEqual(barsOf([32, 32, 32]), [{ from: 32, to: 33, pictures: 3 }]);
  const sides = Array.from({ length: 500 }, (_, at) => 20 + at * 7);
  const bars = barsOf(sides);
  assert.ok(bars.length <= 24);
  assert.equal(new Set(bars.map(({ from, to }) => to - from)).size, 1);
  for (const { from, to, pictures } of bars) {
    assert.equal(pictures, sides.filter((side) => side >= from && side < to).length);
  }
});

Deno.test("pictures of one size have no figure", () => {
  const sizes = (shorterSides: number[]) => ({ shorterSides }) as unknown as Parameters<typeof isVaried>[0];
  assert.equal(isVaried(sizes([32, 32, 32])), false);
  assert.equal(isVaried(sizes([32, 33])), true);
});
