/**
 * The best validation of a run, by the criterion of `--best`.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import type { Position } from "./checkpoint.ts";
import type { EpochMetrics } from "./metrics_log.ts";

/** The measures of a validation, and the number of its images. */
export interface Validation {
  readonly loss: number;
  readonly accuracy: number;
  /** Mean recall of the classes that have images. */
  readonly balancedAccuracy: number;
  /** Mean F1 of the classes. */
  readonly macroF1: number;
  readonly images: number;
}

/** A measure of validations. */
interface Criterion {
  readonly scoreOf: (validation: Validation) => number;
  readonly isBetter: (score: number, best: number, images: number) => boolean;
}

/** A validation becomes the best if it beats the best by more than one in this many. */
const BETTER_OF = 10_000;

const isGreater = (score: number, best: number): boolean => (score - best) * BETTER_OF > 1;

const criteria: Readonly<Record<Configuration["best"], Criterion>> = {
  "accuracy": {
    scoreOf: ({ accuracy }) => accuracy,
    // Counts of images decide: of 10,000 images, one more is exactly the least difference, and rounding would decide.
    isBetter: (accuracy, best, images) =>
      (Math.round(accuracy * images) - Math.round(best * images)) * BETTER_OF > images,
  },
  "balanced-accuracy": { scoreOf: ({ balancedAccuracy }) => balancedAccuracy, isBetter: isGreater },
  "macro-f1": { scoreOf: ({ macroF1 }) => macroF1, isBetter: isGreater },
  "loss": { scoreOf: ({ loss }) => loss, isBetter: (loss, best) => loss < best },
};

/**
 * The best validation after another one. Its score is recorded beside its accuracy, where they differ.
 *
 * @param before the step of the validation, and the best so far
 */
export function bestAfter(
  { step, best }: Pick<Position, "step" | "best">,
  validation: Validation,
  criterion: Configuration["best"],
): NonNullable<Position["best"]> {
  const { scoreOf, isBetter } = criteria[criterion];
  const score = scoreOf(validation);
  if (best !== null && !isBetter(score, best.score ?? best.accuracy, validation.images)) return best;
  return { step, accuracy: validation.accuracy, ...(criterion !== "accuracy" && { score }) };
}

/** The best epoch of a run by its metrics; undefined without a validation. */
export function bestEpoch(
  epochs: readonly EpochMetrics[],
  criterion: Configuration["best"],
): EpochMetrics | undefined {
  let best: Position["best"] = null, found: EpochMetrics | undefined;
  for (const metrics of epochs) {
    const { step, validationLoss: loss, validationAccuracy: accuracy } = metrics;
    if (loss === undefined || accuracy === undefined) continue;
    const { validationBalancedAccuracy: balancedAccuracy = NaN, validationMacroF1: macroF1 = NaN } = metrics;
    // The number of images is not logged; with so many, accuracies decide as counts do.
    const validation = { loss, accuracy, balancedAccuracy, macroF1, images: BETTER_OF };
    best = bestAfter({ step, best }, validation, criterion);
    if (best.step === step) found = metrics;
  }
  return found;
}

/** Epochs after the best one, from the metrics of a run. */
export function epochsSinceBest(epochs: readonly EpochMetrics[], criterion: Configuration["best"]): number {
  const best = bestEpoch(epochs, criterion);
  return best ? epochs.length - 1 - epochs.indexOf(best) : epochs.length;
}
