/**
 * The options of the training step, from the configuration of a run.
 *
 * @module
 */
import { balancedWeights } from "../../data/class_counts.ts";
import type { TrainingData } from "../../data/batches.ts";
import type { StepOptions } from "../../model/training_step.ts";
import type { TreatmentOptions } from "../../model/weight_treatment.ts";
import type { Configuration } from "../configuration/fields.ts";
import { STEM_KERNEL } from "./whitened_stem.ts";

type Fields = Pick<
  Configuration,
  | "momentum"
  | "weightDecay"
  | "syncBatchNorm"
  | "labelSmoothing"
  | "clipNorm"
  | "batchNormMomentum"
  | "averaging"
  | "decayed"
  | "offsetRate"
  | "whitening"
  | "freeze"
  | "bodyRate"
>;

/** The weights of the classes in the loss, or undefined where all images count alike. */
export const classWeightsOf = (
  { classWeights }: Pick<Configuration, "classWeights">,
  dataset: Pick<TrainingData, "labels" | "train">,
): readonly number[] | undefined => classWeights === "balanced" ? balancedWeights(dataset) : undefined;

/**
 * The options of a step; without the processes that share it.
 *
 * @param classWeights default: all images count alike
 */
export function stepOptionsOf(
  configuration: Fields,
  classWeights?: readonly number[],
): Omit<StepOptions, "processes"> {
  const { momentum, weightDecay, syncBatchNorm, labelSmoothing, clipNorm, batchNormMomentum, averaging, freeze } =
    configuration;
  const treatment = treatmentOf(configuration);
  return {
    ...{ momentum, weightDecay, syncBatchNorm, labelSmoothing, averaging, statisticsMomentum: batchNormMomentum },
    ...(clipNorm > 0 && { clipNorm }),
    ...(classWeights && { classWeights }),
    ...(treatment && { treatment }),
    ...(freeze !== "none" && { freeze }),
  };
}

/** The weights that are treated otherwise than the others, if there are any. */
function treatmentOf({ decayed, offsetRate, bodyRate, whitening }: Fields): TreatmentOptions | undefined {
  if (decayed === "all" && offsetRate === 1 && bodyRate === 1 && whitening !== "frozen") return undefined;
  return { decayed, offsetRate, bodyRate, ...(whitening === "frozen" && { frozen: [STEM_KERNEL] }) };
}
