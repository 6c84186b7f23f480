/**
 * The metadata of an exported file: enough to bring a picture to the network and to name its class.
 *
 * @module
 */
import type { ChosenOn } from "./chosen_on.ts";
import { digestHolds, readProperties } from "../onnx/file/metadata.ts";
import { type ImageShape, type InputForm, inputForms } from "./variants.ts";
import type { Normalisation } from "./inference_model.ts";

export { readProperties, withDigest, withMetadata } from "../onnx/file/metadata.ts";

export interface ModelDescription extends Normalisation {
  readonly dataset: string;
  /** Names of the classes. */
  readonly labels: readonly string[];
  readonly input: InputForm;
  readonly imageShape: ImageShape;
  /** Makes a picture of another shape square: `crop`, `stretch` or `pad`. */
  readonly fit: string;
  /** Answers of a lower probability are unsure; absent in models of older versions and of runs without validation. */
  readonly unsureBelow?: number | undefined;
  /** It has the output `features`. */
  readonly hasFeatures: boolean;
  /** It has the output `explanation`. */
  readonly explains: boolean;
}

/** The calibration of a model. */
export interface Calibrated {
  /** `probabilities` are the soft-max of the logits divided by it. */
  readonly temperature: number;
  /** The images that it was fitted on. */
  readonly fittedOn: string;
  /** The share of the answers that should be right. */
  readonly wantedPrecision: number;
  /** Answers of a lower probability are unsure; null if no threshold was found. */
  readonly unsureBelow: number | null;
}

export interface Described extends Omit<ModelDescription, "dataset" | "imageShape" | "hasFeatures" | "explains"> {
  /** Name of the data set. */
  readonly name: string;
  /** Accuracy on the test split, of images as they are. */
  readonly accuracy: number;
  /** The images that chose the checkpoint. */
  readonly chosenOn: ChosenOn;
  readonly step: number;
  readonly testTimeAugmentation: string;
  /** The accuracy with the views of `testTimeAugmentation`. */
  readonly augmented?: { readonly accuracy: number } | undefined;
  /** The temperature that `probabilities` have, and the threshold of unsure answers. */
  readonly calibrated?: Calibrated | undefined;
  /** Configuration of the run. */
  readonly configuration: unknown;
}

/** Returns the metadata of a float32 model. */
export function modelMetadata(described: Described): Record<string, string> {
  const { name, labels, mean, std, accuracy, augmented, step, input, fit, configuration } = described;
  return {
    dataset: name,
    labels: JSON.stringify(labels),
    // Other readers look for classes by number, as Ultralytics writes them.
    names: JSON.stringify(Object.fromEntries(labels.map((label, id) => [id, label]))),
    normalisation: JSON.stringify({ mean, std, of: "(x / 255 - mean) / std, per channel red, green, blue" }),
    input,
    fit,
    precision: "float32",
    accuracy: String(accuracy),
    chosenOn: described.chosenOn,
    testTimeAugmentation: described.testTimeAugmentation,
    ...(augmented && { augmentedAccuracy: String(augmented.accuracy) }),
    ...(described.calibrated && calibrationMetadata(described.calibrated)),
    step: String(step),
    configuration: JSON.stringify(configuration),
  };
}

const calibrationMetadata = (
  { temperature, fittedOn, wantedPrecision, unsureBelow }: Calibrated,
): Record<string, string> => ({
  temperature: String(temperature),
  temperatureFittedOn: fittedOn,
  ...(unsureBelow !== null && { wantedPrecision: String(wantedPrecision), unsureBelow: String(unsureBelow) }),
});

/**
 * Reads the metadata that {@linkcode modelMetadata} wrote.
 *
 * @throws {Error} if the bytes are not such a model; the message names what is missing
 */
export function describeModel(bytes: Uint8Array): ModelDescription {
  const { metadata, inputs, outputs, external } = readProperties(bytes);
  if (external.length > 0) throw new Error("some of its weights are in another file");
  if (!digestHolds(bytes)) throw new Error("it was changed after it was written");
  const image = inputs["image"] ?? inputs["pixel_values"];
  if (!image) throw new Error("it has no input called image");
  if (!Object.hasOwn(outputs, "probabilities")) throw new Error("it has no output called probabilities");
  const labels = parse(metadata["labels"]),
    normalisation = parse(metadata["normalisation"]) as Normalisation | undefined;
  if (!isLabels(labels)) throw new Error("its metadata has no labels");
  if (!isPerChannel(normalisation?.mean) || !isPerChannel(normalisation.std)) {
    throw new Error("its metadata has no normalisation");
  }
  if (!isFinite32(normalisation)) throw new Error("its normalisation gives numbers that are not finite");
  const input = metadata["input"] as InputForm;
  if (!inputForms.includes(input)) throw new Error("its metadata does not say what its input is");
  const imageShape = networkShape(input, image.shape, metadata);
  const [height, width, channels] = imageShape;
  if (!(image.shape.length === 4 && channels === 3 && isSide(height) && height === width)) {
    throw new Error(`its images are [${image.shape}], not colour images of a fixed size`);
  }
  const { mean, std } = normalisation;
  const [dataset, fit] = [metadata["dataset"] ?? "", metadata["fit"] ?? "crop"];
  const unsureBelow = thresholdOf(metadata["unsureBelow"]);
  const [hasFeatures, explains] = ["features", "explanation"].map((name) => Object.hasOwn(outputs, name)) as [
    boolean,
    boolean,
  ];
  const threshold = unsureBelow !== undefined && { unsureBelow };
  return { dataset, labels, mean, std, input, imageShape, fit, ...threshold, hasFeatures, explains };
}

/** The threshold of unsure answers; undefined without one. */
function thresholdOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const threshold = text.trim() === "" ? NaN : Number(text);
  if (!(threshold >= 0 && threshold <= 1)) throw new Error("its threshold of unsure answers is not from 0 to 1");
  return threshold;
}

/** The shape of the network's images. A model of any size names it in its metadata. */
function networkShape(
  input: InputForm,
  shape: readonly (number | null)[],
  metadata: Readonly<Record<string, string>>,
): ImageShape {
  const [a, b, c] = shape.slice(1) as unknown as ImageShape;
  if (input === "float32-nchw") return [b, c, a];
  const size = Number(metadata["imageSize"]);
  return input === "uint8-any" ? [size, size, c] : [a, b, c];
}

const isLabels = (labels: unknown): labels is string[] =>
  Array.isArray(labels) && labels.length > 0 && labels.every((label) => typeof label === "string");

/** Greatest side of an image; no export writes a larger one, which would take all memory. */
const MOST_SIDE = 4096;
const isSide = (size: unknown): boolean => Number.isSafeInteger(size) && Number(size) > 0 && Number(size) <= MOST_SIDE;

/** Tells if every pixel, normalised, is a finite 32-bit float. */
const isFinite32 = ({ mean, std }: Normalisation): boolean =>
  std.every((deviation, channel) =>
    deviation > 0 && [0, 1].every((pixel) => Number.isFinite(Math.fround((pixel - mean[channel]!) / deviation)))
  );

const isPerChannel = (values: unknown): values is [number, number, number] =>
  Array.isArray(values) && values.length === 3 && values.every(Number.isFinite);

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
