/**
 * A sheet of examples of what the augmentation does: a row an image, the first as it is.
 *
 * @module
 */
import { augmentations, augmenter, labelWarnings, parseAugmentations } from "../data/augmentations.ts";
import { pixelsOf } from "../data/batches.ts";
import { replaceFile, writeAll } from "../data/files.ts";
import { lockFolder } from "../data/folder_lock.ts";
import { stream } from "../data/random.ts";
import type { Command } from "./command.ts";
import { runPaths } from "./paths.ts";
import { loadDataset } from "./preprocess.ts";

/** Examples of an image. */
const COLUMNS = 8;
/** Least height of an example on the sheet. */
const SIDE = 96;
/** Between examples. */
const GAP = 6;

export const augmentPreview: Command = {
  name: "augment-preview",
  fields: ["dataset", "images", "augment", "seed", "examples", "run", "runs", "cache"],
  async run(configuration, context) {
    const dataset = await loadDataset(configuration);
    const steps = parseAugmentations(configuration.augment);
    for (const { name, amount } of steps) {
      context.log(`augment-preview: ${name}${amount ? ` ${amount}` : ""}: ${augmentations[name].description}`);
    }
    for (const warning of labelWarnings(steps, dataset.labels)) context.log(`warning: ${warning}`);
    const { train, imageShape, mean, std } = dataset;
    const rows = Math.min(configuration.examples, train.count);
    const [write, plain] = [augmenter(steps, dataset), augmenter([], dataset)];
    const [height, width] = imageShape, scale = Math.max(1, Math.round(SIDE / height));
    const sheet = blank(rows * (height * scale + GAP) + GAP, (COLUMNS + 1) * (width * scale + GAP) + GAP);
    const target = new Float32Array(height * width * 3);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column <= COLUMNS; column++) {
        const random = stream(configuration.seed, "augmentation", row * COLUMNS + column);
        (column === 0 ? plain : write)(pixelsOf(dataset, train, row), random, target);
        const top = GAP + row * (height * scale + GAP), left = GAP + column * (width * scale + GAP);
        for (let y = 0; y < height * scale; y++) {
          for (let x = 0; x < width * scale; x++) {
            const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 3;
            const to = ((top + y) * sheet.width + left + x) * 3;
            for (let c = 0; c < 3; c++) sheet.pixels[to + c] = 255 * (target[from + c]! * std[c]! + mean[c]!) + 0.5;
          }
        }
      }
    }
    const { default: sharp } = await import("sharp");
    const raw = { width: sheet.width, height: sheet.height, channels: 3 as const };
    const png = await sharp(sheet.pixels, { raw }).png().toBuffer();
    using _lock = await lockFolder(runPaths(configuration).folder, "deno task augment-preview");
    const { augmentation } = runPaths(configuration);
    await replaceFile(augmentation, (file) => writeAll(file, png));
    context.print(augmentation);
    return { augmentations: steps, images: rows, file: augmentation };
  },
};

const blank = (height: number, width: number) => ({
  height,
  width,
  pixels: new Uint8ClampedArray(height * width * 3).fill(255),
});
