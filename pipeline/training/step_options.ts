/**
 * The options of the training step, from the configuration of a run.
 *
 * @module
 */
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
>;

/** The options of a step; without the processes that share it. */
export function stepOptionsOf(configuration: Fields): Omit<StepOptions, "processes"> {
  const { momentum, weightDecay, syncBatchNorm, labelSmoothing, clipNorm, batchNormMomentum, averaging } =
    configuration;
  const treatment = treatmentOf(configuration);
  return {
    ...{ momentum, weightDecay, syncBatchNorm, labelSmoothing, averaging, statisticsMomentum: batchNormMomentum },
    ...(clipNorm > 0 && { clipNorm }),
    ...(treatment && { treatment }),
  };
}

/** The weights that are treated otherwise than the others, if there are any. */
function treatmentOf({ decayed, offsetRate, whitening }: Fields): TreatmentOptions | undefined {
  if (decayed === "all" && offsetRate === 1 && whitening !== "frozen") return undefined;
  return { decayed, offsetRate, ...(whitening === "frozen" && { frozen: [STEM_KERNEL] }) };
}
