/**
 * The pictures of a report, as data URLs.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { pixelsOf } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { augmentationSheet } from "./augmentation_sheet.ts";
import type { RunData } from "./read_run.ts";

/** Greatest number of mistakes in a report. */
const MISTAKES = 24;
/** Greatest side of a picture; larger ones are reduced. */
const LARGEST = 160;
/** Greatest side of a picture that is compressed without loss. */
const EXACT = 64;
const AUGMENTED_IMAGES = 4;
const AUGMENTATIONS = 7;

/** A wrongly classified test image. */
export interface MistakePicture {
  readonly url: string;
  readonly actual: string;
  readonly predicted: string;
  readonly confidence: number;
}

export interface Pictures {
  readonly mistakes: readonly MistakePicture[];
  /** URL of the sheet of augmented images. */
  readonly augmentations: string;
}

/** @param dataset the run's data set */
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

/** Returns a picture, uint8 [height, width, 3], as a data URL. */
export async function pictureUrl(pixels: Uint8Array, [height, width]: Dataset["imageShape"]): Promise<string> {
  const { default: sharp } = await import("sharp");
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: LARGEST, height: LARGEST, fit: "inside", withoutEnlargement: true })
    .webp({ lossless: Math.max(height, width) <= EXACT, quality: 85 })
    .toBuffer();
  return dataUrl("image/webp", bytes);
}

const dataUrl = (type: string, bytes: Uint8Array) => `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
