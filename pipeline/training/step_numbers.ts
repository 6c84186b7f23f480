/**
 * The numbers of a training step that follow from its place in the run: learning rate, strength of shaking, size of the
 * images, and shares of the average of weights.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { parseSizePlan, sideAt } from "../../data/picture_sizes.ts";
import { type Averaging, averagingAt, type AveragingOptions } from "../../model/averaging.ts";
import { learningRateAt, type Plateau, type ScheduleOptions } from "../../model/schedule.ts";
import { parseStrengthPlan, strengthAt } from "../../model/shake_strength.ts";
import type { Configuration } from "../configuration/fields.ts";

export interface StepNumbers {
  readonly learningRate: number;
  /** Strength of shaking, 0 to 1; default: 1. */
  readonly shakeStrength?: number;
  /** Shares of the average of weights; default: there is none. */
  readonly average?: Averaging;
}

/** The numbers of a step, and the shape of its images. */
export interface SizedStepNumbers extends StepNumbers {
  readonly imageShape: Dataset["imageShape"];
}

export type PlanFields =
  & Omit<ScheduleOptions, "steps" | "stepsPerEpoch">
  & Omit<AveragingOptions, "steps">
  & Pick<Configuration, "epochs" | "shakeStrength" | "sizes">;

/** The plan of a run over all of its epochs. */
export interface StepPlan {
  /** Steps of all epochs, which `--max-steps` does not shorten. */
  readonly steps: number;
  at(step: number, plateau?: Plateau): SizedStepNumbers;
  /** Tells if the average after a step is of several sets of weights whose batch norm statistics are unknown. */
  needsStatistics(step: number): boolean;
}

export function stepPlan(
  fields: PlanFields,
  { imageShape }: Pick<Dataset, "imageShape">,
  stepsPerEpoch: number,
): StepPlan {
  const steps = fields.epochs * stepsPerEpoch, schedule = { ...fields, steps, stepsPerEpoch };
  const averaging = { ...fields, steps, averageEvery: fields.averageEvery || stepsPerEpoch };
  const strengths = parseStrengthPlan(fields.shakeStrength), sizes = parseSizePlan(fields.sizes);
  const [whole, , channels] = imageShape;
  const shapeAt = (step: number): Dataset["imageShape"] => {
    if (sizes.length === 0) return imageShape;
    const side = sideAt(sizes, Math.floor(step / stepsPerEpoch), whole);
    return [side, side, channels];
  };
  return {
    steps,
    at: (step, plateau) => ({
      learningRate: learningRateAt(step, schedule, plateau),
      shakeStrength: strengthAt(strengths, step, steps),
      ...(fields.averaging !== "none" && { average: averagingAt(step, averaging) }),
      imageShape: shapeAt(step),
    }),
    needsStatistics: (step) =>
      fields.averaging === "swa" && step >= Math.ceil(fields.averageFrom * steps) + averaging.averageEvery,
  };
}
