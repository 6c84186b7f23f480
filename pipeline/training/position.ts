/**
 * The position of a run in its training: at the beginning, after a step, after an epoch.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import { afterValidation, noPlateau } from "../../model/schedule.ts";
import { bestAfter, type Validation } from "../run/best_validation.ts";
import type { Position } from "../run/checkpoint.ts";
import type { EpochMetrics } from "../run/metrics_log.ts";

/** Means over a batch or a split. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

export type { Validation } from "../run/best_validation.ts";

type JudgedBy = Pick<Configuration, "plateauEpochs" | "best">;

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

/** Tells if the epoch that ends at a position has a validation: each k-th one, and the last of the schedule. */
export const isValidated = (
  { step, validatedEpochs }: Position,
  { validateEvery }: Pick<Configuration, "validateEvery">,
  steps: number,
): boolean => (validatedEpochs + 1) % validateEvery === 0 || step === steps;

/** The position after an epoch and its validation, if there is one; it begins the next epoch. */
export function afterEpoch(
  position: Position,
  validation: Validation | undefined,
  options: JudgedBy,
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
  validation: Validation,
  { plateauEpochs, best: criterion }: JudgedBy,
): Pick<Position, "best" | "plateau"> {
  return {
    best: bestAfter({ step, best }, validation, criterion),
    plateau: afterValidation(plateau, validation.loss, { plateauEpochs }),
  };
}

/** Tells if the run is to stop: so many epochs have passed since the best validation. */
export const isOutOfPatience = (
  { best, validatedEpochs }: Position,
  { patience = Infinity }: Pick<Configuration, "patience">,
  stepsPerEpoch: number,
): boolean => best !== null && validatedEpochs - best.step / stepsPerEpoch >= patience;

/** The metrics of an epoch, from the position at its end and its validation. */
export function epochMetrics(
  position: Position,
  validation: Validation | undefined,
  stepsPerEpoch: number,
): EpochMetrics {
  const { step, validatedEpochs, epochLoss, epochAccuracy, epochSkipped } = position;
  const scored = stepsPerEpoch - epochSkipped;
  return {
    epoch: validatedEpochs + 1,
    step,
    trainLoss: epochLoss / scored,
    trainAccuracy: epochAccuracy / scored,
    ...(validation && {
      validationLoss: validation.loss,
      validationAccuracy: validation.accuracy,
      validationBalancedAccuracy: validation.balancedAccuracy,
      validationMacroF1: validation.macroF1,
    }),
  };
}
