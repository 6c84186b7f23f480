/**
 * Temperature scaling: the logits divided by one number, which is fitted on images that the weights were not trained on
 * (Guo, Pleiss, Sun & Weinberger 2017, section 4.2). The likeliest class stays the same.
 *
 * @module
 */

/** Logarithms of probabilities, or logits: the temperature of both is the same. */
export interface LogPredictions {
  /** [images, classes] */
  readonly logProbabilities: Float32Array;
  /** [images] */
  readonly labels: ArrayLike<number>;
  readonly classes: number;
}

/** Inverse temperatures that are tried; at 0.01 the probabilities of usual logits are nearly equal. */
const [LEAST, GREATEST] = [0.01, 100];
/** Newton's method needs fewer than ten steps, and a bisection of the range to double precision about fifty. */
const MOST_STEPS = 100;
const PRECISION = 1e-10;

/**
 * Finds the temperature of the least cross-entropy.
 *
 * With b = 1 / temperature and logits z, the cross-entropy of an image is log sum exp(b z) - b z[label]. It is convex in b: its
 * derivative is E(z) - z[label] and its second derivative Var(z), under the probabilities at b. Newton's method finds the zero
 * of the derivative; a step that leaves the bracket is replaced by a bisection.
 *
 * @returns undefined if every image is classified rightly: then a temperature near 0 is the best, whatever the images are
 */
export function fitTemperature(predictions: LogPredictions): number | undefined {
  if (isAllRight(predictions)) return undefined;
  let [low, high] = [LEAST, GREATEST], inverse = 1;
  for (let step = 0; step < MOST_STEPS && high - low > PRECISION * low; step++) {
    const { slope, curvature } = derivatives(predictions, inverse);
    if (slope > 0) high = inverse;
    else low = inverse;
    const next = inverse - slope / curvature;
    const isInside = next > low && next < high;
    const before = inverse;
    inverse = isInside ? next : (low + high) / 2;
    if (Math.abs(inverse - before) <= PRECISION * before) break;
  }
  return 1 / inverse;
}

/** Tells if no other class is as likely as the label of an image. */
function isAllRight({ logProbabilities, labels, classes }: LogPredictions): boolean {
  for (let image = 0; image < labels.length; image++) {
    const row = logProbabilities.subarray(image * classes, (image + 1) * classes);
    const label = labels[image]!;
    if (row.some((value, at) => at !== label && value >= row[label]!)) return false;
  }
  return true;
}

/** The first and second derivative of the mean cross-entropy by the inverse temperature. */
function derivatives({ logProbabilities, labels, classes }: LogPredictions, inverse: number) {
  let slope = 0, curvature = 0;
  for (let image = 0; image < labels.length; image++) {
    const row = logProbabilities.subarray(image * classes, (image + 1) * classes);
    const probabilities = softmax(row, inverse);
    let mean = 0, square = 0;
    probabilities.forEach((probability, at) => {
      mean += probability * row[at]!;
      square += probability * row[at]! ** 2;
    });
    slope += mean - row[labels[image]!]!;
    curvature += square - mean ** 2;
  }
  return { slope: slope / labels.length, curvature: curvature / labels.length };
}

/** The probabilities of logits, multiplied by the inverse temperature. */
function softmax(logits: Float32Array, inverse: number): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(logits, (logit) => Math.exp(inverse * (logit - most)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** The probabilities of images at a temperature, [images, classes]. */
export function probabilitiesAt(
  { logProbabilities, classes }: Pick<LogPredictions, "logProbabilities" | "classes">,
  temperature: number,
): Float32Array {
  const probabilities = new Float32Array(logProbabilities.length);
  for (let at = 0; at < logProbabilities.length; at += classes) {
    probabilities.set(softmax(logProbabilities.subarray(at, at + classes), 1 / temperature), at);
  }
  return probabilities;
}

/** The mean cross-entropy at a temperature. */
export function crossEntropyAt({ logProbabilities, labels, classes }: LogPredictions, temperature: number): number {
  let sum = 0;
  for (let image = 0; image < labels.length; image++) {
    const row = Array.from(
      logProbabilities.subarray(image * classes, (image + 1) * classes),
      (value) => value / temperature,
    );
    const most = Math.max(...row);
    sum += most + Math.log(row.reduce((total, value) => total + Math.exp(value - most), 0)) - row[labels[image]!]!;
  }
  return sum / labels.length;
}
