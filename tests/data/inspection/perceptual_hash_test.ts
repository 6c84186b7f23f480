import assert from "#assert";
import { bitCount, hashDistance, hashesOf, SIDE } from "../../../data/inspection/perceptual_hash.ts";
import { mirrorImage } from "../../../data/inspection/likeness.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import { figure, reduced, scene } from "../../support/inspected.ts";

/** A hash by the definition of the two-dimensional cosine transform, as text of 64 bits. */
function byDefinition(pixels: Uint8Array): string {
  const strengths: { sum: number; down: number; value: number }[] = [];
  for (let down = 0; down < 9; down++) {
    for (let across = 0; across < 9; across++) {
      let value = 0;
      for (let y = 0; y < SIDE; y++) {
        for (let x = 0; x < SIDE; x++) {
          const at = 3 * (y * SIDE + x);
          const grey = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
          value += grey * Math.cos(Math.PI * (y + 0.5) * down / SIDE) * Math.cos(Math.PI * (x + 0.5) * across / SIDE);
        }
      }
      if (down + across > 0) strengths.push({ sum: down + across, down, value });
    }
  }
  const chosen = strengths.sort((a, b) => a.sum - b.sum || a.down - b.down).slice(0, 64);
  const sorted = chosen.map(({ value }) => value).sort((a, b) => a - b);
  const median = (sorted[31]! + sorted[32]!) / 2;
  return chosen.map(({ value }) => value > median ? "1" : "0").join("");
}

const bits = (halves: readonly number[]): string =>
  halves.map((half) => [...half.toString(2).padStart(32, "0")].reverse().join("")).join("");

Deno.test("a hash has the signs of the lowest frequencies about their median, as the transform is defined", () => {
  const next = uniformNumbers(1);
  const pictures = [figure(1), figure(2), Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 255 * next())];
  for (const pixels of pictures) assert.equal(bits(hashesOf(pixels).upright), byDefinition(pixels));
});

Deno.test("the mirrored hash is the hash of the mirror image", () => {
  for (let at = 0; at < 20; at++) {
    const pixels = figure(at);
    assert.ok(hashDistance(hashesOf(pixels).mirrored, hashesOf(mirrorImage(pixels)).upright) <= 2);
  }
});

Deno.test("compressing and brightening change few bits; another picture changes many", async () => {
  for (let at = 0; at < 5; at++) {
    const picture = await scene(at), { upright } = hashesOf(await reduced(picture));
    const compressed = await reduced(picture.clone().linear(1.1, 5).jpeg({ quality: 70 }));
    assert.ok(hashDistance(upright, hashesOf(compressed).upright) <= 8);
    assert.ok(hashDistance(upright, hashesOf(await reduced(await scene(at + 50))).upright) > 12);
  }
});

Deno.test("ones are counted in all 32 bits", () => {
  const next = uniformNumbers(2);
  for (let at = 0; at < 200; at++) {
    const value = Math.floor(next() * 2 ** 32);
    assert.equal(bitCount(value | 0), [...value.toString(2)].filter((bit) => bit === "1").length);
  }
  assert.equal(hashDistance([0, 0xffffffff], [1, 0]), 33);
});
