/**
 * Classifies pictures with a loaded model.
 *
 * @module
 */
import { fetchPicture } from "../../../data/fetch_picture.ts";
import { decodeImages, type Fit, fits } from "../../../data/decode_images.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { normalisationTable } from "../../../data/view.ts";
import { firstLine } from "../../../engine/first_line.ts";
import type { ExportedModel, Images } from "../../../export/exported_model.ts";
import type { ModelDescription } from "../../../export/model_file.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { shortened, valueText } from "../../configuration/printable.ts";
import type { Explainer } from "./explainer.ts";
import { isUrl, STANDARD_INPUT } from "./picture_sources.ts";
import { readStandardInput } from "./standard_input.ts";

/** The classes of a picture, the likeliest first, or the reason why it cannot be read. */
export type Prediction =
  | {
    readonly picture: string;
    readonly classes: readonly ClassProbability[];
    /** The likeliest class is less probable than the threshold. */
    readonly unsure?: true;
    /** With `--features`. */
    readonly features?: readonly number[];
    /** With `--explain`: the path of the picture with its Grad-CAM map. */
    readonly explanation?: string;
  }
  | { readonly picture: string; readonly error: string };

export interface ClassProbability {
  readonly label: string;
  readonly probability: number;
}

/** Characters of another library's reason, which may repeat what is in the file. */
export const REASON_LENGTH = 300;

/** A loaded model and its description. */
export interface Loaded {
  readonly model: ExportedModel;
  readonly description: ModelDescription;
}

/**
 * Classifies some pictures.
 *
 * @throws {InputError} if the model cannot be run or gives no probabilities
 */
export async function classify(
  { model, description }: Loaded,
  pictures: readonly string[],
  { top, features, unsureBelow = description.unsureBelow ?? 0 }: Pick<
    Configuration,
    "top" | "features" | "unsureBelow"
  >,
  explainer: Explainer | undefined,
  signal: AbortSignal,
): Promise<Prediction[]> {
  const errors = new Map<string, string>();
  const fetched = await fetchAll(pictures, signal, (picture, why) => errors.set(picture, why));
  const files = pictures.filter((path) => !errors.has(path)).map((path) => ({ path, label: 0 }));
  const { count, images: pixels } = await decodeImages(files, {
    ...{ size: description.imageShape[0], fit: fitOf(description), signal, fetched },
    onUnreadable: (path, why) => errors.set(path, why),
  });
  const table = normalisationTable(description.mean, description.std);
  const batch = { count, images: Float32Array.from(pixels, (byte, at) => table[byte * 3 + at % 3]!), pixels };
  const { labels } = description;
  const probabilities = await probabilitiesOf(model, batch, labels.length);
  const embedding = features && count > 0 ? await model.features(batch) : undefined;
  const explained = await explainer?.explain(model, batch, pictures.filter((picture) => !errors.has(picture)));
  let row = 0;
  return pictures.map((picture) => {
    const error = errors.get(picture);
    if (error !== undefined) return { picture, error };
    const own = probabilities.subarray(row * labels.length, (row + 1) * labels.length);
    const classes = labels.map((label, at) => ({ label, probability: own[at]! }))
      .toSorted((a, b) => b.probability - a.probability);
    const unsure = classes[0]!.probability < unsureBelow && { unsure: true as const };
    const length = (embedding?.length ?? 0) / count;
    const ofPicture = embedding && { features: Array.from(embedding.subarray(row * length, (row + 1) * length)) };
    const explanation = explained && { explanation: explained[row]! };
    row++;
    return { picture, classes: classes.slice(0, top), ...unsure, ...ofPicture, ...explanation };
  });
}

/** @throws {InputError} if the model cannot be run or gives no probabilities */
async function probabilitiesOf(model: ExportedModel, images: Images, classes: number): Promise<Float32Array> {
  const { count } = images;
  if (count === 0) return new Float32Array();
  const probabilities = await model.probabilities(images).catch((error) => {
    throw new InputError(`the model cannot be run: ${shortened(firstLine(error), REASON_LENGTH)}`);
  });
  if (probabilities.length !== count * classes) {
    throw new InputError(
      `the model gives ${probabilities.length / count} probabilities, not one for each of its labels`,
    );
  }
  if (!probabilities.every(isProbability)) {
    throw new InputError(
      "the model gives probabilities that are not numbers of 0 to 1; its weights are damaged, export it again",
    );
  }
  return probabilities;
}

/** Half floats round a probability beside 1 up. */
const isProbability = (value: number): boolean => value >= 0 && value < 1.01;

/** Reads standard input and fetches URLs; the result has their bytes by name. */
async function fetchAll(
  pictures: readonly string[],
  signal: AbortSignal,
  onUnreadable: (picture: string, why: string) => void,
): Promise<Map<string, Uint8Array>> {
  const fetched = new Map<string, Uint8Array>();
  for (const name of new Set(pictures)) {
    if (name !== STANDARD_INPUT && !isUrl(name)) continue;
    try {
      fetched.set(name, await (name === STANDARD_INPUT ? readStandardInput() : fetchPicture(name, { signal })));
    } catch (error) {
      if (signal.aborted || error instanceof Deno.errors.NotCapable) throw error;
      onUnreadable(name, (error as Error).message);
    }
  }
  return fetched;
}

function fitOf({ fit }: ModelDescription): Fit {
  const known = fits.find((name) => name === fit);
  if (!known) throw new InputError(`the model's metadata has fit ${valueText(fit)}, not one of ${fits.join(", ")}`);
  return known;
}
