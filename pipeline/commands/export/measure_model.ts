/**
 * Loads exported models and runs them on the test split.
 *
 * @module
 */
import { ExportedModel } from "../../../export/exported_model.ts";
import type { Precision } from "../../../export/variants.ts";
import { startProgress } from "../../cli/progress.ts";
import type { FileReport } from "../../run/parity_file.ts";
import type { ExportSource } from "./export_source.ts";
import { imagesInOrder } from "./model_images.ts";

/** Images of a run of a model. */
export const BATCH = 250;

/** A model's bytes and their measurements. */
export interface Made<Report> {
  readonly bytes: Uint8Array;
  readonly report: Report;
}

/** Loads a model; the caller disposes of it. */
export const loadModel = (
  bytes: Uint8Array,
  { options: { input, threads }, dataset: { imageShape } }: ExportSource,
): Promise<ExportedModel> => ExportedModel.load(bytes, { input, imageShape, threads });

/**
 * The logits of the test split, [images, classes].
 *
 * @throws the signal's reason, if it is aborted
 */
export async function testLogits(
  model: ExportedModel,
  { dataset, context }: ExportSource,
  precision: Precision,
): Promise<Float32Array> {
  const { count: total } = dataset.test, classes = dataset.labels.length;
  const progress = startProgress({ label: `export ${precision}`, total, unit: "images" }, context);
  const logits = new Float32Array(total * classes);
  let done = 0;
  try {
    for (const batch of imagesInOrder(dataset, dataset.test, BATCH)) {
      context.signal.throwIfAborted();
      logits.set(await model.logits(batch), done * classes);
      progress.update(done += batch.count);
    }
  } finally {
    progress.stop();
  }
  return logits;
}

/**
 * Logs the measurements of a file.
 *
 * @param difference from the model that it is compared with, in words
 */
export function logReport(
  { paths, context }: ExportSource,
  { bytes, precision, speed: { imagesPerSecond } }: FileReport,
  accuracy: number,
  difference: string,
): void {
  context.log(
    `export: ${paths.models[precision]}, ${(bytes / 1e6).toFixed(1)} MB; ${difference}; test accuracy in ` +
      `onnxruntime ${(100 * accuracy).toFixed(2)} %; ${imagesPerSecond.toFixed(0)} images/s`,
  );
}
