/**
 * Models of lower precision, made from the float32 model and compared with it on the test split.
 *
 * @module
 */
import { withDigest, withMetadata } from "../../../export/model_file.ts";
import { lossOf } from "../../../export/parity.ts";
import { reducedModel } from "../../../export/reduced_model.ts";
import type { Precision } from "../../../export/variants.ts";
import type { ReducedReport } from "../../run/parity_file.ts";
import type { ExportSource } from "./export_source.ts";
import type { Float32Model } from "./float32_model.ts";
import { BATCH, loadModel, logReport, type Made, testLogits } from "./measure_model.ts";
import { imagesInOrder, spread } from "./model_images.ts";
import { ParityError } from "./parity_error.ts";

export type ReducedPrecision = Exclude<Precision, "float32">;

/** Makes and measures a model of a lower precision. */
export async function makeReduced(
  source: ExportSource,
  precision: ReducedPrecision,
  float32: Float32Model,
): Promise<Made<ReducedReport>> {
  const { options: { calibrationImages, reduceRange, accuracyLoss }, dataset } = source;
  const sample = spread(dataset, dataset.train, calibrationImages);
  const calibration = imagesInOrder(dataset, sample, BATCH);
  const bytes = await reducedModel(precision, float32.bytes, float32.exported, { calibration, reduceRange });
  await using exported = await loadModel(bytes, source);
  const logits = await testLogits(exported, source, precision);
  const loss = lossOf(float32.logits, logits, dataset.test.labels, accuracyLoss);
  const speed = await exported.measureSpeed();
  const described = withDigest(withMetadata(bytes, { precision, accuracy: String(loss.accuracy) }));
  const report: ReducedReport = {
    ...{ precision, bytes: described.length, speed },
    ...loss,
    ...(precision === "int8" && { calibrationImages: sample.count }),
  };
  logReport(source, report, loss.accuracy, `${loss.accuracyLoss.toFixed(2)} points lost`);
  return { bytes: described, report };
}

const REMEDY = "allow more with --accuracy-loss";
const INT8_REMEDY = `add --reduce-range if this processor has no VNNI, calibrate on more images, or ${REMEDY}`;

/** @throws {ParityError} if a model loses more than `--accuracy-loss` */
export function requireAccuracy({ paths }: ExportSource, report: ReducedReport): void {
  const { precision, accuracyLoss, allowedAccuracyLoss, passed } = report;
  if (passed) return;
  throw new ParityError(
    `${precision} loses ${accuracyLoss.toFixed(2)} points of test accuracy (allowed ${allowedAccuracyLoss}); only ` +
      `${paths.parity} is written; ${precision === "int8" ? INT8_REMEDY : REMEDY}`,
  );
}
