/**
 * Classifies pictures with an exported model, whose file has the labels, the normalisation and the image size.
 *
 * @module
 */
import { fetchPicture } from "../../../data/fetch_picture.ts";
import { readFile } from "../../../data/files/read_file.ts";
import { decodeImages, type Fit, fits } from "../../../data/decode_images.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { normalisationTable } from "../../../data/view.ts";
import { EngineUnavailableError } from "../../../engine/engine.ts";
import { firstLine } from "../../../engine/first_line.ts";
import { ExportedModel } from "../../../export/exported_model.ts";
import { describeModel, type ModelDescription } from "../../../export/model_file.ts";
import { command, type Context } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { pathText, shortened, valueText } from "../../configuration/printable.ts";
import { dataIdentityIfThere, modelDifference } from "../../run/data_identity.ts";
import { type RunPaths, runPaths } from "../../run/paths.ts";
import { isUrl, picturesOf } from "./picture_sources.ts";

/** The classes of a picture, the likeliest first, or the reason why it cannot be read. */
export type Prediction =
  | { readonly picture: string; readonly classes: readonly ClassProbability[] }
  | { readonly picture: string; readonly error: string };

export interface ClassProbability {
  readonly label: string;
  readonly probability: number;
}

export const predict = command({
  name: "predict",
  operands: "PICTURE",
  fields: ["model", "top", "format", "batch", "urls", "unreadable", "threads", "run", "runs"],
  async run(options, context) {
    const path = options.model ?? runPaths(options).model;
    const { loaded, description } = await loadModel(path, options);
    await using model = loaded;
    if (options.model === undefined) await requireDataOfRun(description, path, runPaths(options));
    const pictures = await picturesOf(context.operands ?? [], options.urls, context.log);
    const print = printer(options, description, pictures);
    const predictions: Prediction[] = [];
    for (let begin = 0; begin < pictures.length; begin += options.batch) {
      context.signal.throwIfAborted();
      const some = await classify(model, description, pictures.slice(begin, begin + options.batch), options, context);
      for (const prediction of some) context.print(print(prediction));
      predictions.push(...some);
    }
    const bad = predictions.filter((prediction) => "error" in prediction);
    if (bad.length > 0 && options.unreadable === "refuse") throw unreadable(bad, predictions.length);
    return { model: path, predictions };
  },
});

/** Characters of another library's reason, which may repeat what is in the file. */
const REASON_LENGTH = 300;

/** @throws {InputError} if the file is missing or is not an exported model */
async function loadModel(
  path: string,
  { threads, run }: Pick<Configuration, "threads" | "run">,
): Promise<{ loaded: ExportedModel; description: ModelDescription }> {
  const bytes = await readFile(path, `run \`deno task export --run ${run}\` first, or name another with --model`);
  try {
    const description = describeModel(bytes);
    return { loaded: await ExportedModel.load(bytes, { ...description, threads }), description };
  } catch (error) {
    if (error instanceof EngineUnavailableError) throw error;
    throw new InputError(
      `${pathText(path)} is not a model of \`deno task export\`: ${shortened(firstLine(error), REASON_LENGTH)}`,
    );
  }
}

/** @throws {InputError} if the run was trained on other data since its model was exported */
async function requireDataOfRun(model: ModelDescription, path: string, paths: RunPaths): Promise<void> {
  const data = await dataIdentityIfThere(paths);
  const difference = data && modelDifference(model, data);
  if (difference === undefined) return;
  throw new InputError(
    `${path} is older than the run's data: ${difference}; run \`deno task evaluate --run ${paths.run}\` and \`deno task ` +
      `export --run ${paths.run}\` first, or name the file with --model`,
  );
}

async function classify(
  model: ExportedModel,
  description: ModelDescription,
  pictures: readonly string[],
  { top }: Pick<Configuration, "top">,
  { signal }: Context,
): Promise<Prediction[]> {
  const errors = new Map<string, string>();
  const fetched = await fetchAll(pictures.filter(isUrl), signal, (url, why) => errors.set(url, why));
  const files = pictures.filter((path) => !errors.has(path)).map((path) => ({ path, label: 0 }));
  const { count, images: pixels } = await decodeImages(files, {
    ...{ size: description.imageShape[0], fit: fitOf(description), signal, fetched },
    onUnreadable: (path, why) => errors.set(path, why),
  });
  const table = normalisationTable(description.mean, description.std);
  const images = Float32Array.from(pixels, (byte, at) => table[byte * 3 + at % 3]!);
  const { labels } = description;
  const probabilities = count === 0
    ? new Float32Array()
    : await model.probabilities({ count, images, pixels }).catch((error) => {
      throw new InputError(`the model cannot be run: ${shortened(firstLine(error), REASON_LENGTH)}`);
    });
  if (probabilities.length !== count * labels.length) {
    throw new InputError(
      `the model gives ${probabilities.length / count} probabilities, not one for each of its labels`,
    );
  }
  if (!probabilities.every(isProbability)) {
    throw new InputError(
      "the model gives probabilities that are not numbers of 0 to 1; its weights are damaged, export it again",
    );
  }
  let row = 0;
  return pictures.map((picture) => {
    const error = errors.get(picture);
    if (error !== undefined) return { picture, error };
    const own = probabilities.subarray(row * labels.length, ++row * labels.length);
    const classes = labels.map((label, at) => ({ label, probability: own[at]! }));
    return { picture, classes: classes.toSorted((a, b) => b.probability - a.probability).slice(0, top) };
  });
}

/** Half floats round a probability beside 1 up. */
const isProbability = (value: number): boolean => value >= 0 && value < 1.01;

/** Fetches pictures; the result has their bytes by URL. */
async function fetchAll(
  urls: readonly string[],
  signal: AbortSignal,
  onUnreadable: (url: string, why: string) => void,
): Promise<Map<string, Uint8Array>> {
  const fetched = new Map<string, Uint8Array>();
  for (const url of new Set(urls)) {
    try {
      fetched.set(url, await fetchPicture(url, { signal }));
    } catch (error) {
      if (signal.aborted || error instanceof Deno.errors.NotCapable) throw error;
      onUnreadable(url, (error as Error).message);
    }
  }
  return fetched;
}

function fitOf({ fit }: ModelDescription): Fit {
  const known = fits.find((name) => name === fit);
  if (!known) throw new InputError(`the model's metadata has fit ${valueText(fit)}, not one of ${fits.join(", ")}`);
  return known;
}

/** Formats predictions as rows of a table, or as lines of JSON. */
function printer(
  { format }: Pick<Configuration, "format">,
  { labels }: ModelDescription,
  pictures: readonly string[],
): (prediction: Prediction) => string {
  if (format === "jsonl") return (prediction) => JSON.stringify(prediction);
  const widest = (texts: readonly string[]) => texts.reduce((most, { length }) => Math.max(most, length), 0);
  const [pictureWidth, labelWidth] = [widest(pictures.map(pathText)), widest(labels.map((label) => shortened(label)))];
  return (prediction) => {
    const cells = "error" in prediction
      ? [`cannot be read: ${prediction.error}`]
      : prediction.classes.map(({ label, probability }) =>
        `${shortened(label).padEnd(labelWidth)} ${(100 * probability).toFixed(1).padStart(5)} %`
      );
    return [pathText(prediction.picture).padEnd(pictureWidth), ...cells].join("  ");
  };
}

function unreadable(bad: readonly { picture: string; error: string }[], count: number): InputError {
  const named = bad.slice(0, 5).map(({ picture, error }) => `${pathText(picture)} (${shortened(error, REASON_LENGTH)})`)
    .join(", ");
  const more = bad.length > 5 ? ` and ${bad.length - 5} more` : "";
  return new InputError(
    `${bad.length} of ${count} pictures cannot be read: ${named}${more}; --unreadable skip leaves them out`,
  );
}
