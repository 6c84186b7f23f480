/**
 * What the probabilities of a classifier are worth: how often the true class is among the likeliest, and whether those
 * that it is sure of are right.
 *
 * @module
 */

/** Probabilities of so many images over so many classes. */
export interface Predictions {
  /** [images, classes], each row sums to 1 */
  readonly probabilities: Float32Array;
  /** [images] */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** The share of images whose class is among the `k` likeliest; of equally likely ones the first counts. */
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

/** An image that a classifier takes for what it is not. */
export interface Mistake {
  /** Its index in the split. */
  readonly image: number;
  readonly actual: number;
  readonly predicted: number;
  /** Probability of the predicted class. */
  readonly confidence: number;
  /** Probability of the actual class. */
  readonly actualProbability: number;
}

/** The `count` mistakes that the classifier is surest of, the surest first. */
export function confidentMistakes({ probabilities, labels, classes }: Predictions, count: number): Mistake[] {
  const mistakes: Mistake[] = [];
  for (let image = 0; image < labels.length; image++) {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const actual = labels[image]!, predicted = mostLikely(row);
    if (predicted === actual) continue;
    mistakes.push({ image, actual, predicted, confidence: row[predicted]!, actualProbability: row[actual]! });
  }
  return mistakes.toSorted((a, b) => b.confidence - a.confidence).slice(0, count);
}

const mostLikely = (row: Float32Array): number =>
  row.reduce((best, value, index) => value > row[best]! ? index : best, 0);

/** Images whose greatest probability lies in a range. */
export interface CalibrationBin {
  /** The range: above `from`, at most `to`. */
  readonly from: number;
  readonly to: number;
  readonly images: number;
  /** Mean of the greatest probability; 0 where there are no images. */
  readonly confidence: number;
  /** Share that was right; 0 where there are no images. */
  readonly accuracy: number;
}

export interface Calibration {
  /** Mean over the images of |accuracy - confidence| of their bin (Guo, Pleiss, Sun & Weinberger 2017, equation 3). */
  readonly expectedCalibrationError: number;
  readonly bins: readonly CalibrationBin[];
}

/** @param count of bins, of equal width; the paper takes 15 */
export function calibration({ probabilities, labels, classes }: Predictions, count = 15): Calibration {
  const sums = Array.from({ length: count }, () => ({ images: 0, confidence: 0, right: 0 }));
  for (let image = 0; image < labels.length; image++) {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const predicted = mostLikely(row);
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
