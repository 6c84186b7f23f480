import assert from "#assert";
import { decodeWhole } from "../../../../data/decode_images.ts";
import { enlargedPictures } from "../../../../pipeline/commands/export/enlarged_pictures.ts";

const imageShape = [8, 8, 3] as const, count = 6;
const split = { count, images: new Uint8Array(count * 192).fill(100), labels: new Uint8Array(count) };
const dataset = {
  ...{ name: "plain", labels: ["a"], imageShape, train: split, test: split },
  ...{ mean: [0.5, 0.5, 0.5] as const, std: [0.25, 0.25, 0.25] as const },
};

Deno.test("images are enlarged to pictures of many shapes with grain, always the same ones", async () => {
  const pictures = await Array.fromAsync(enlargedPictures(dataset, split));
  assert.deepEqual(pictures, await Array.fromAsync(enlargedPictures(dataset, split)));
  assert.deepEqual(pictures.map(({ kind }) => kind), ["png", "jpeg", "png", "jpeg", "png", "jpeg"]);
  const decoded = await Promise.all(pictures.map(({ bytes }) => decodeWhole(bytes)));
  assert.equal(new Set(decoded.map(({ width, height }) => `${width}x${height}`)).size, count);
  for (const { width, height, pixels } of decoded) {
    assert.ok([width, height].every((side) => side >= 4 && side <= 96));
    const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
    assert.ok(Math.abs(mean - 100) < 4 && new Set(pixels).size > 8, `${mean}`);
  }
});
