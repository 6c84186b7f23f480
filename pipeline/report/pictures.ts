/**
 * The pictures of a report, as URLs that hold them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { pixelsOf } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { augmentationSheet } from "../commands/augment_preview.ts";
import type { RunData } from "./read_run.ts";

/** Mistakes that are shown. */
const MISTAKES = 24;
/** Larger pictures are made smaller. */
const LARGEST = 160;
/** Up to this many pixels a side, pictures lose nothing. */
const EXACT = 64;
const AUGMENTED_IMAGES = 4;
const AUGMENTATIONS = 7;

/** A test image that was taken for what it is not. */
export interface MistakePicture {
  readonly url: string;
  readonly actual: string;
  readonly predicted: string;
  readonly confidence: number;
}

export interface Pictures {
  readonly mistakes: readonly MistakePicture[];
  /** URL of the sheet of augmented images: a row an image, the first as it is. */
  readonly augmentations: string;
}

/** @param dataset of the run */
export async function picturesOf({ configuration, evaluation }: RunData, dataset: Dataset): Promise<Pictures> {
  const { labels, test } = dataset;
  const known = (evaluation?.mistakes ?? []).filter(({ image, actual, predicted }) =>
    image < test.count && actual < labels.length && predicted < labels.length
  );
  const mistakes = known.slice(0, MISTAKES).map(async ({ image, actual, predicted, confidence }) => ({
    url: await pictureUrl(pixelsOf(dataset, test, image), dataset.imageShape),
    ...{ actual: labels[actual]!, predicted: labels[predicted]!, confidence },
  }));
  const rows = Math.min(AUGMENTED_IMAGES, dataset.train.count);
  const sheet = await augmentationSheet(dataset, configuration, rows, AUGMENTATIONS);
  return { mistakes: await Promise.all(mistakes), augmentations: dataUrl("image/png", sheet) };
}

async function pictureUrl(pixels: Uint8Array, [height, width]: Dataset["imageShape"]): Promise<string> {
  const { default: sharp } = await import("sharp");
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: LARGEST, height: LARGEST, fit: "inside", withoutEnlargement: true })
    .webp({ lossless: Math.max(height, width) <= EXACT, quality: 85 })
    .toBuffer();
  return dataUrl("image/webp", bytes);
}

const dataUrl = (type: string, bytes: Uint8Array) => `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
