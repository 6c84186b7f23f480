/**
 * The position of a run in its training: at the beginning, after a step, after an epoch.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import { afterValidation, noPlateau } from "../../model/schedule.ts";
import type { Position } from "../run/checkpoint.ts";
import type { EpochMetrics } from "../run/metrics_log.ts";

/** A validation becomes the best if it gets more than one image in this many right that the best so far did not. */
const BETTER_OF = 10_000;

/**
 * Counts of images decide, not accuracies: of 10,000 images, one more is exactly the least difference, and rounding would
 * decide.
 */
const isBetter = (accuracy: number, best: number, images: number): boolean =>
  (Math.round(accuracy * images) - Math.round(best * images)) * BETTER_OF > images;

/** Means over a batch or a split. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

/** The score of a validation, and the number of its images. */
export interface Validation extends Score {
  readonly images: number;
}

export const firstPosition = (settings: Position["settings"]): Position => ({
  ...{ step: 0, validatedEpochs: 0, best: null, plateau: noPlateau },
  ...{ epochLoss: 0, epochAccuracy: 0, epochSkipped: 0 },
  settings,
});

/** The position after a step; a skipped step counts, but its score does not. */
export function afterStep(position: Position, { loss, accuracy, skipped }: Score & { skipped: boolean }): Position {
  const { step, epochLoss, epochAccuracy, epochSkipped } = position;
  const sums = skipped
    ? { epochSkipped: epochSkipped + 1 }
    : { epochLoss: epochLoss + loss, epochAccuracy: epochAccuracy + accuracy };
  return { ...position, step: step + 1, ...sums };
}

/** The epoch of a position is complete and not ended yet. */
export const endsEpoch = ({ step, validatedEpochs }: Position, stepsPerEpoch: number): boolean =>
  step === (validatedEpochs + 1) * stepsPerEpoch;

/** The position after an epoch and its validation, if there is one; it begins the next epoch. */
export function afterEpoch(
  position: Position,
  validation: Validation | undefined,
  options: Pick<Configuration, "plateauEpochs">,
): Position {
  return {
    ...position,
    validatedEpochs: position.validatedEpochs + 1,
    ...(validation && judged(position, validation, options)),
    epochLoss: 0,
    epochAccuracy: 0,
    epochSkipped: 0,
  };
}

/** The best validation and the plateau after a validation. */
function judged(
  { step, best, plateau }: Position,
  { loss, accuracy, images }: Validation,
  { plateauEpochs }: Pick<Configuration, "plateauEpochs">,
): Pick<Position, "best" | "plateau"> {
  return {
    best: best === null || isBetter(accuracy, best.accuracy, images) ? { step, accuracy } : best,
    plateau: afterValidation(plateau, loss, { plateauEpochs }),
  };
}

/** The metrics of an epoch, from the position at its end and its validation. */
export function epochMetrics(
  position: Position,
  validation: Score | undefined,
  stepsPerEpoch: number,
): EpochMetrics {
  const { step, validatedEpochs, epochLoss, epochAccuracy, epochSkipped } = position;
  const scored = stepsPerEpoch - epochSkipped;
  return {
    epoch: validatedEpochs + 1,
    step,
    trainLoss: epochLoss / scored,
    trainAccuracy: epochAccuracy / scored,
    ...(validation && { validationLoss: validation.loss, validationAccuracy: validation.accuracy }),
  };
}
