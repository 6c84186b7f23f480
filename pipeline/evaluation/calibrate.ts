/**
 * Calibrates a classifier: fits a temperature and thresholds on the validation images, and measures both on test images.
 *
 * @module
 */
import { permutation } from "../../data/random.ts";
import type { Calibrated } from "../run/calibration_schema.ts";
import { calibration, type Predictions } from "./confidence.ts";
import { crossEntropyAt, fitTemperature, type LogPredictions, probabilitiesAt } from "./temperature.ts";
import { selectedAt, thresholdFor } from "./unsure.ts";

/** The share of the answers that should be right, where `--wanted-precision` names none. */
export const WANTED_PRECISION = 0.95;

/** Shares of right answers in the table of coverage, beside the wanted one. */
const PRECISIONS = [0.8, 0.9, 0.95, 0.98, 0.99];

export interface CalibrationData {
  /** The images that fit. */
  readonly fitted: LogPredictions;
  readonly fittedOn: Calibrated["fittedOn"];
  /** Other images, which measure. */
  readonly measured: LogPredictions;
}

/**
 * @param wanted the share of the answers that should be right, 0 to 1
 * @returns undefined if the images that fit determine no temperature, because all of them are classified rightly
 */
export function calibrate({ fitted, fittedOn, measured }: CalibrationData, wanted: number): Calibrated | undefined {
  const temperature = fitTemperature(fitted);
  if (temperature === undefined) return undefined;
  const before = predictionsAt(measured, 1), after = predictionsAt(measured, temperature);
  const ofFitted = predictionsAt(fitted, temperature);
  const precisions = [...new Set([...PRECISIONS, wanted])].toSorted((a, b) => a - b);
  return {
    ...{ temperature, fittedOn, fittedImages: fitted.labels.length, images: measured.labels.length },
    before: { loss: crossEntropyAt(measured, 1), calibration: calibration(before) },
    after: { loss: crossEntropyAt(measured, temperature), calibration: calibration(after) },
    wantedPrecision: wanted,
    unsureBelow: thresholdFor(ofFitted, wanted) ?? null,
    coverage: precisions.map((precision) => {
      const threshold = thresholdFor(ofFitted, precision);
      return threshold === undefined
        ? { wanted: precision, threshold: null }
        : { wanted: precision, threshold, ...selectedAt(after, threshold) };
    }),
  };
}

const predictionsAt = (predictions: LogPredictions, temperature: number): Predictions => ({
  ...predictions,
  probabilities: probabilitiesAt(predictions, temperature),
});

/** Divides predictions into two halves, drawn without regard to their order. */
export function halves({ logProbabilities, labels, classes }: LogPredictions): [LogPredictions, LogPredictions] {
  const order = permutation(0, 0, labels.length), middle = Math.floor(labels.length / 2);
  const chosen = (images: Uint32Array): LogPredictions => {
    const rows = new Float32Array(images.length * classes);
    images.forEach((image, at) =>
      rows.set(logProbabilities.subarray(image * classes, (image + 1) * classes), at * classes)
    );
    return { logProbabilities: rows, labels: Array.from(images, (image) => labels[image]!), classes };
  };
  return [chosen(order.subarray(0, middle)), chosen(order.subarray(middle))];
}
