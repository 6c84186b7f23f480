/**
 * Measures of a classifier's probabilities: top-k accuracy, the most confident mistakes, and calibration.
 *
 * @module
 */
import { likeliestClass } from "../../model/likeliest_class.ts";
import type { Calibration, Mistake } from "../run/evaluation_file.ts";

/** Probabilities of images, and their true classes. */
export interface Predictions {
  /** [images, classes], each row sums to 1 */
  readonly probabilities: Float32Array;
  /** [images] */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** The share of images whose class is among the `k` likeliest; of equally likely classes the first is the likelier. */
export function topAccuracy({ probabilities, labels, classes }: Predictions, k: number): number {
  let hits = 0;
  for (let image = 0; image < labels.length; image++) {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const label = labels[image]!, own = row[label]!;
    let before = 0;
    for (let other = 0; other < classes; other++) {
      if (row[other]! > own || (row[other] === own && other < label)) before++;
    }
    if (before < k) hits++;
  }
  return hits / labels.length;
}

/** All mistakes, in the falling order of their confidence. */
export function confidentMistakes({ probabilities, labels, classes }: Predictions): Mistake[] {
  const mistakes: Mistake[] = [];
  for (let image = 0; image < labels.length; image++) {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const actual = labels[image]!, predicted = likeliestClass(row);
    if (predicted === actual) continue;
    mistakes.push({ image, actual, predicted, confidence: row[predicted]!, actualProbability: row[actual]! });
  }
  return mistakes.toSorted((a, b) => b.confidence - a.confidence);
}

/**
 * The calibration of confidences, the greatest probabilities (Guo, Pleiss, Sun & Weinberger 2017, equation 3).
 *
 * @param count number of bins of equal width; the paper uses 15
 */
export function calibration({ probabilities, labels, classes }: Predictions, count = 15): Calibration {
  const sums = Array.from({ length: count }, () => ({ images: 0, confidence: 0, right: 0 }));
  for (let image = 0; image < labels.length; image++) {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const predicted = likeliestClass(row);
    const confidence = row[predicted]!;
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(confidence * count) - 1))]!;
    bin.images++;
    bin.confidence += confidence;
    if (predicted === labels[image]) bin.right++;
  }
  const bins = sums.map(({ images, confidence, right }, at) => ({
    from: at / count,
    to: (at + 1) / count,
    images,
    confidence: images && confidence / images,
    accuracy: images && right / images,
  }));
  const error = bins.reduce((sum, bin) => sum + bin.images * Math.abs(bin.accuracy - bin.confidence), 0) /
    labels.length;
  return { expectedCalibrationError: error, bins };
}
