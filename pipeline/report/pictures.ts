/**
 * The pictures of a report, as data URLs.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { pixelsOf } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";
import { type HeatMap, withHeat } from "../../data/heat_map.ts";
import { type NamedMistake, namedMistakes } from "../run/mistakes_file.ts";
import { augmentationSheet } from "./augmentation_sheet.ts";
import type { RunData } from "./read_run.ts";

/** Greatest number of mistakes in a report. */
const MISTAKES = 96;
/** Greatest side of a picture; larger ones are reduced. */
const LARGEST = 160;
/** Greatest side of a picture that is compressed without loss. */
const EXACT = 64;
/** libwebp's effort, 0 to 6. Its usual 4 takes twice the time for pictures that are no smaller without loss. */
const EFFORT = 1;
const AUGMENTED_IMAGES = 4;
const AUGMENTATIONS = 7;

/** A wrongly classified test image. */
export interface MistakePicture {
  readonly url: string;
  /** URL of the image with its Grad-CAM map, if it has one. */
  readonly explanation: string | undefined;
  /** Its file, or its place in the test split. */
  readonly name: string;
  readonly actual: string;
  readonly predicted: string;
  readonly confidence: number;
}

export interface Pictures {
  readonly mistakes: readonly MistakePicture[];
  /** The number of all mistakes. */
  readonly wrong: number;
  /** `mistakes.json` lists all of them; older versions have not written it. */
  readonly areListed: boolean;
  /** URL of the sheet of augmented images. */
  readonly augmentations: string;
}

/** @param dataset the run's data set */
export async function picturesOf(run: RunData, dataset: Dataset): Promise<Pictures> {
  const { configuration, evaluation } = run;
  const { labels, test } = dataset;
  const known = mistakesOf(run, labels).filter(({ image }) => image < test.count);
  const maps = mapsOf(run);
  const mistakes = known.slice(0, MISTAKES).map(async ({ image, file, actual, predicted, probability }) => ({
    url: await pictureUrl(pixelsOf(dataset, test, image), dataset.imageShape),
    explanation: await explanationUrl(pixelsOf(dataset, test, image), dataset.imageShape, maps.get(image)),
    ...{ name: file ?? `test ${image}`, actual, predicted, confidence: probability },
  }));
  const rows = Math.min(AUGMENTED_IMAGES, dataset.train.count);
  const sheet = await augmentationSheet(dataset, configuration, rows, AUGMENTATIONS);
  const wrong = evaluation ? evaluation.images - evaluation.correct : 0;
  const areListed = hasNames(run);
  return { mistakes: await Promise.all(mistakes), wrong, areListed, augmentations: dataUrl("image/png", sheet) };
}

/** The mistakes of a run's evaluation with their names, or those that the evaluation lists itself. */
function mistakesOf(run: RunData, labels: readonly string[]): readonly NamedMistake[] {
  const { evaluation, mistakes } = run;
  if (!evaluation) return [];
  if (hasNames(run)) return mistakes!.mistakes;
  const known = evaluation.mistakes.filter((one) => one.actual < labels.length && one.predicted < labels.length);
  return namedMistakes({ ...evaluation, mistakes: known }, { labels }, undefined).mistakes;
}

/** Tells if the mistakes of a run's evaluation are listed with their names. */
const hasNames = ({ evaluation, mistakes }: RunData): boolean =>
  mistakes !== undefined && mistakes.checkpointDigest === evaluation?.checkpointDigest;

/** The Grad-CAM maps of the evaluated checkpoint, by the index of the image. */
function mapsOf({ evaluation, explanations }: RunData): ReadonlyMap<number, HeatMap> {
  if (!explanations || explanations.checkpointDigest !== evaluation?.checkpointDigest) return new Map();
  return new Map(explanations.maps.map(({ image, ...map }) => [image, map]));
}

/** A picture with a map needs more pixels than a small picture has. */
const EXPLAINED_SIDE = 96;

async function explanationUrl(
  pixels: Uint8Array,
  [height, width]: Dataset["imageShape"],
  map: HeatMap | undefined,
): Promise<string | undefined> {
  if (!map) return undefined;
  const { default: sharp } = await import("sharp");
  const scale = Math.max(1, Math.ceil(EXPLAINED_SIDE / height));
  const larger = { height: scale * height, width: scale * width };
  const enlarged = await sharp(pixels, { raw: { width, height, channels: 3 } }).resize(larger).raw().toBuffer();
  return await pictureUrl(withHeat(enlarged, larger, map), [larger.height, larger.width, 3]);
}

/** Returns a picture, uint8 [height, width, 3], as a data URL. */
export async function pictureUrl(pixels: Uint8Array, [height, width]: Dataset["imageShape"]): Promise<string> {
  const { default: sharp } = await import("sharp");
  const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize({ width: LARGEST, height: LARGEST, fit: "inside", withoutEnlargement: true })
    .webp({ lossless: Math.max(height, width) <= EXACT, quality: 85, effort: EFFORT })
    .toBuffer();
  return dataUrl("image/webp", bytes);
}

const dataUrl = (type: string, bytes: Uint8Array) => `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
