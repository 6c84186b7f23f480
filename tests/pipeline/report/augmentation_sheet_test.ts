import assert from "#assert";
import sharp from "sharp";
import type { Dataset } from "../../../data/dataset.ts";
import { augmentationSheet } from "../../../pipeline/report/augmentation_sheet.ts";

const SIDE = 48, SCALE = 2, GAP = 6;
/** Two images of one grey level each. */
const split = {
  count: 2,
  images: new Uint8Array(2 * SIDE * SIDE * 3).fill(40, 0, SIDE * SIDE * 3).fill(200, SIDE * SIDE * 3),
  labels: Uint8Array.of(0, 1),
};
const dataset: Dataset = {
  ...{ name: "grey", labels: ["a", "b"], imageShape: [SIDE, SIDE, 3], mean: [0.5, 0.5, 0.5], std: [0.25, 0.5, 1] },
  ...{ train: split, test: split },
};

Deno.test("a sheet has a row for each image: the image enlarged, its augmented forms, and transparent gaps", async () => {
  // Cutting out more than the image leaves the mean, in some examples.
  const png = await augmentationSheet(dataset, { augment: "cutout:96", seed: 1 }, 2, 8);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const step = SIDE * SCALE + GAP;
  assert.deepEqual([info.width, info.height, info.channels], [9 * step - GAP, 2 * step - GAP, 4]);
  const pixel = (y: number, x: number) => [...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x) + 4)];
  const isGrey = (pixel: number[], level: number) =>
    pixel.slice(0, 3).every((value) => Math.abs(value - level) <= 1) && pixel[3] === 255;
  assert.ok(isGrey(pixel(0, 0), 40), `${pixel(0, 0)}`);
  const last = pixel(step + SIDE * SCALE - 1, SIDE * SCALE - 1);
  assert.ok(isGrey(last, 200), `${last}`);
  assert.deepEqual(pixel(0, SIDE * SCALE)[3], 0, "gap between columns");
  assert.deepEqual(pixel(SIDE * SCALE, 0)[3], 0, "gap between rows");
  const middle = step / 2;
  const examples = [1, 2, 3, 4, 5, 6, 7, 8].map((column) => pixel(middle, column * step + middle)[0]!);
  assert.ok(examples.some((level) => level === 128), `${examples}`);
});

Deno.test("fewer rows than images are spread over the split", async () => {
  const images = new Uint8Array(6 * SIDE * SIDE * 3);
  for (let image = 0; image < 6; image++) {
    images.fill(40 * image, image * SIDE * SIDE * 3, (image + 1) * SIDE * SIDE * 3);
  }
  const train = { count: 6, images, labels: Uint8Array.of(0, 0, 0, 1, 1, 1) };
  const png = await augmentationSheet({ ...dataset, train }, { augment: "none", seed: 1 }, 2, 1);
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const levels = [0, SIDE * SCALE + GAP].map((y) => data[4 * y * info.width]);
  assert.deepEqual(levels, [0, 120]);
});
