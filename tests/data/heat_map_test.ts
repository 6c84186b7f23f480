import assert from "#assert";
import { withHeat } from "../../data/heat_map.ts";

const grey = new Uint8Array(4 * 4 * 3).fill(100);
const size = { height: 4, width: 4 };
const pixel = (drawn: Uint8Array, y: number, x: number) => [...drawn.subarray(3 * (4 * y + x), 3 * (4 * y + x) + 3)];

Deno.test("the largest value is red over the picture, no value leaves it grey", () => {
  const drawn = withHeat(grey, size, { values: [0, 0, 0, 8], height: 2, width: 2 });
  assert.deepEqual(pixel(drawn, 3, 3), [220, 30, 20].map((channel) => Math.round(100 * 0.35 + channel * 0.65)));
  assert.deepEqual(pixel(drawn, 0, 0), [100, 100, 100]);
});

Deno.test("values are linear between the centres of the map's places", () => {
  const drawn = withHeat(grey, size, { values: [0, 1], height: 1, width: 2 });
  // The centres of the second and third column are a quarter and three quarters of the way.
  const cover = (value: number) => pixel(drawn, 0, value)[0]!;
  assert.ok(cover(0) >= cover(1), "blue has less red than the picture");
  assert.ok(cover(1) < cover(2) && cover(2) < cover(3));
});

Deno.test("a map of zeros leaves the picture in grey", () => {
  const coloured = Uint8Array.from(grey, (_, at) => at % 3 === 0 ? 200 : 0);
  const drawn = withHeat(coloured, size, { values: [0], height: 1, width: 1 });
  assert.deepEqual(pixel(drawn, 2, 1), [60, 60, 60]);
});
