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

/** The epoch of a position is complete and not validated yet. */
export const endsEpoch = ({ step, validatedEpochs }: Position, stepsPerEpoch: number): boolean =>
  step === (validatedEpochs + 1) * stepsPerEpoch;

/**
 * The position after the validation of an epoch; it begins the next epoch.
 *
 * @param images number of images of the validation
 */
export function afterEpoch(
  position: Position,
  { loss, accuracy }: Score,
  { images, plateauEpochs }: Pick<Configuration, "plateauEpochs"> & { readonly images: number },
): Position {
  const { step, best, validatedEpochs, plateau } = position;
  return {
    ...position,
    validatedEpochs: validatedEpochs + 1,
    best: best === null || isBetter(accuracy, best.accuracy, images) ? { step, accuracy } : best,
    plateau: afterValidation(plateau, loss, { plateauEpochs }),
    epochLoss: 0,
    epochAccuracy: 0,
    epochSkipped: 0,
  };
}

/** The metrics of an epoch, from the position at its end and its validation. */
export function epochMetrics(position: Position, validation: Score, stepsPerEpoch: number): EpochMetrics {
  const { step, validatedEpochs, epochLoss, epochAccuracy, epochSkipped } = position;
  const scored = stepsPerEpoch - epochSkipped;
  return {
    epoch: validatedEpochs + 1,
    step,
    trainLoss: epochLoss / scored,
    trainAccuracy: epochAccuracy / scored,
    validationLoss: validation.loss,
    validationAccuracy: validation.accuracy,
  };
}
