/**
 * A picture of what augmentation does: a row for each training image, first unchanged, then augmented in several ways.
 *
 * @module
 */
import { parseAugmentations } from "../../data/augmentation_list.ts";
import { augmenter } from "../../data/augmenter.ts";
import { pixelsOf } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { stream } from "../../data/random.ts";
import type { Configuration } from "../configuration/fields.ts";

/** Augmented examples of an image. */
const COLUMNS = 8;
/** Least height of an example, in pixels. */
const SIDE = 96;
/** Pixels between examples. */
const GAP = 6;
/** Channels of the sheet: red, green, blue, opacity. */
const CHANNELS = 4;

interface Sheet {
  readonly height: number;
  readonly width: number;
  /** [height, width, 4] */
  readonly pixels: Uint8ClampedArray;
}

/**
 * Draws a sheet as the bytes of a PNG.
 *
 * @param rows training images, evenly spread over the split: pictures of a folder are in the order of their classes
 * @param columns augmented examples of an image
 */
export async function augmentationSheet(
  dataset: Dataset,
  { augment, seed }: Pick<Configuration, "augment" | "seed">,
  rows: number,
  columns = COLUMNS,
): Promise<Uint8Array> {
  const { train, imageShape } = dataset;
  const [augmented, plain] = [augmenter(parseAugmentations(augment), dataset), augmenter([], dataset)];
  const [height, width] = imageShape, scale = Math.max(1, Math.round(SIDE / height));
  const [rowHeight, columnWidth] = [height * scale + GAP, width * scale + GAP];
  const sheet = transparent(rows * rowHeight - GAP, (columns + 1) * columnWidth - GAP);
  const target = new Float32Array(height * width * 3);
  for (let row = 0; row < rows; row++) {
    const image = Math.floor(row * train.count / rows);
    for (let column = 0; column <= columns; column++) {
      const random = stream(seed, "augmentation", row * columns + column);
      (column === 0 ? plain : augmented)(pixelsOf(dataset, train, image), random, target);
      drawImage(sheet, target, dataset, { top: row * rowHeight, left: column * columnWidth, scale });
    }
  }
  const { default: sharp } = await import("sharp");
  const raw = { width: sheet.width, height: sheet.height, channels: CHANNELS } as const;
  return await sharp(sheet.pixels, { raw }).png().toBuffer();
}

/** Draws a normalised image [height, width, 3], each pixel as a square of a side of `scale`. */
function drawImage(
  sheet: Sheet,
  image: Float32Array,
  { imageShape: [height, width], mean, std }: Dataset,
  { top, left, scale }: Readonly<Record<"top" | "left" | "scale", number>>,
): void {
  for (let y = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++) {
      const from = (Math.floor(y / scale) * width + Math.floor(x / scale)) * 3;
      const to = ((top + y) * sheet.width + left + x) * CHANNELS;
      for (let c = 0; c < 3; c++) sheet.pixels[to + c] = 255 * (image[from + c]! * std[c]! + mean[c]!) + 0.5;
      sheet.pixels[to + 3] = 255;
    }
  }
}

/** Returns a sheet of transparent pixels, which suits light and dark pages. */
const transparent = (height: number, width: number): Sheet => ({
  height,
  width,
  pixels: new Uint8ClampedArray(height * width * CHANNELS),
});
