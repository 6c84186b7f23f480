import assert from "#assert";
import { type FilterName, resized } from "../../data/resize.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import reference from "./pillow_resize_reference.json" with { type: "json" };

const next = uniformNumbers(1);
const picture = Uint8Array.from({ length: 20 * 32 * 3 }, () => Math.floor(256 * next()));

for (const [filter, sides] of Object.entries(reference)) {
  for (const [side, bytes] of Object.entries(sides)) {
    Deno.test(`${filter} to ${side} pixels gives Pillow's bytes`, () => {
      assert.deepEqual(resized(picture, [20, 32], Number(side), filter as FilterName), Uint8Array.fromBase64(bytes));
    });
  }
}

Deno.test("several pictures are resized each by itself", () => {
  const other = picture.toReversed();
  const both = resized(Uint8Array.from([...picture, ...other]), [20, 32], 12);
  assert.deepEqual([...both], [...resized(picture, [20, 32], 12), ...resized(other, [20, 32], 12)]);
});

Deno.test("area at half the side is the rounded mean of four pixels", () => {
  const small = resized(picture.subarray(0, 16 * 16 * 3), [16, 16], 8);
  for (let at = 0; at < small.length; at++) {
    const [row, column, channel] = [Math.floor(at / 24), Math.floor(at / 3) % 8, at % 3];
    const mean = [0, 1].flatMap((down) =>
      [0, 1].map((right) =>
        picture[((2 * row + down) * 16 + 2 * column + right) * 3 + channel]!
      )
    ).reduce((a, b) => a + b) / 4;
    // Pillow rounds after the rows and again after the columns.
    assert.ok(Math.abs(small[at]! - mean) <= 1);
  }
});
