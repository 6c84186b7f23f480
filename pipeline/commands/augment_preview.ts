/**
 * A sheet of examples of what the augmentation does: a row an image, the first as it is.
 *
 * @module
 */
import { augmentations, augmenter, labelWarnings, parseAugmentations } from "../../data/augmentations.ts";
import { pixelsOf } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { replaceFile, writeAll } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import { stream } from "../../data/random.ts";
import { command } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { runPaths } from "../run/paths.ts";
import { loadDataset } from "../run/load_dataset.ts";

/** Examples of an image. */
const COLUMNS = 8;
/** Least height of an example on the sheet. */
const SIDE = 96;
/** Between examples. */
const GAP = 6;
/** Of a sheet: red, green, blue, opacity. */
const CHANNELS = 4;

export const augmentPreview = command({
  name: "augment-preview",
  fields: ["dataset", "images", "augment", "seed", "examples", "run", "runs", "cache"],
  async run(configuration, context) {
    const dataset = await loadDataset(configuration);
    const steps = parseAugmentations(configuration.augment);
    for (const { name, amount } of steps) {
      context.log(`augment-preview: ${name}${amount ? ` ${amount}` : ""}: ${augmentations[name].description}`);
    }
    for (const warning of labelWarnings(steps, dataset.labels)) context.log(`warning: ${warning}`);
    const rows = Math.min(configuration.examples, dataset.train.count);
    const sheet = await augmentationSheet(dataset, configuration, rows);
    using _lock = await lockFolder(runPaths(configuration).folder, "deno task augment-preview");
    const { augmentation } = runPaths(configuration);
    await replaceFile(augmentation, (file) => writeAll(file, sheet));
    context.print(augmentation);
    return { augmentations: steps, images: rows, file: augmentation };
  },
});

/**
 * Training images as they are (the first column) and augmented in several ways, a row each, as the bytes of a PNG.
 *
 * @param columns augmented examples of an image
 */
export async function augmentationSheet(
  dataset: Dataset,
  { augment, seed }: Pick<Configuration, "augment" | "seed">,
  rows: number,
  columns = COLUMNS,
): Promise<Uint8Array> {
  const { train, imageShape, mean, std } = dataset;
  const [write, plain] = [augmenter(parseAugmentations(augment), dataset), augmenter([], dataset)];
  const [height, width] = imageShape, scale = Math.max(1, Math.round(SIDE / height));
  const sheet = blank(rows * (height * scale + GAP) - GAP, (columns + 1) * (width * scale + GAP) - GAP);
  const target = new Float32Array(height * width * 3);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const random = stream(seed, "augmentation", row * columns + column);
      (column === 0 ? plain : write)(pixelsOf(dataset, train, row), random, target);
      const top = row * (height * scale + GAP), left = column * (width * scale + GAP);
      for (let y = 0; y < height * scale; y++) {
        for (let x = 0; x < width * scale; x++) {
          const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 3;
          const to = ((top + y) * sheet.width + left + x) * CHANNELS;
          for (let c = 0; c < 3; c++) sheet.pixels[to + c] = 255 * (target[from + c]! * std[c]! + mean[c]!) + 0.5;
          sheet.pixels[to + 3] = 255;
        }
      }
    }
  }
  const { default: sharp } = await import("sharp");
  const raw = { width: sheet.width, height: sheet.height, channels: CHANNELS } as const;
  return await sharp(sheet.pixels, { raw }).png().toBuffer();
}

/** Nothing but transparent pixels, so that a sheet lies on any ground. */
const blank = (height: number, width: number) => ({
  height,
  width,
  pixels: new Uint8ClampedArray(height * width * CHANNELS),
});
