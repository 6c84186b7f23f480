/**
 * `evaluation.json`: the schema, the reader and the writer of a measured checkpoint.
 *
 * @module
 */
import { z } from "zod";
import { viewsNames } from "../../data/evaluation_views.ts";
import { readFile, writeFileAtomic } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Configuration } from "../configuration/fields.ts";
import { runPaths } from "./paths.ts";
import { isAsRecorded, sha256 } from "./stage_record.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

const ClassReport = z.object({
  label: z.string(),
  /** Share of the images predicted to be of this class that are; 0 where none was predicted. */
  precision: share,
  /** Share of the images of this class that are predicted to be; 0 where there is none. */
  recall: share,
  /** Harmonic mean of precision and recall. */
  f1: share,
  /** Images of this class. */
  support: count,
});

/** Images whose greatest probability lies in a range. */
const CalibrationBin = z.object({
  /** The range: above `from`, at most `to`. */
  from: share,
  to: share,
  images: count,
  /** Mean of the greatest probability; 0 where there are no images. */
  confidence: z.number(),
  /** Share that is right; 0 where there are no images. */
  accuracy: share,
});

const Calibration = z.object({
  /** Mean over the images of |accuracy - confidence| of their bin (Guo, Pleiss, Sun & Weinberger 2017, equation 3). */
  expectedCalibrationError: z.number(),
  bins: z.array(CalibrationBin),
});

/** An image that is classified wrongly. */
const Mistake = z.object({
  /** Its index in the split. */
  image: count,
  actual: count,
  predicted: count,
  /** Probability of the predicted class. */
  confidence: z.number(),
  /** Probability of the actual class. */
  actualProbability: z.number(),
});

export const Evaluation = z.object({
  dataset: z.string(),
  /** The value of `--checkpoint`. */
  checkpoint: z.string(),
  /** SHA-256 of the checkpoint's file. */
  checkpointDigest: z.string(),
  /** Steps of training. */
  step: count,
  /** Mean cross-entropy. */
  loss: z.number(),
  /** Share of the images whose class is among the five likeliest. */
  top5Accuracy: share,
  calibration: Calibration,
  /** The mistakes with the highest confidence. */
  mistakes: z.array(Mistake),
  testTimeAugmentation: z.enum(viewsNames),
  engine: z.string(),
  images: count,
  correct: count,
  accuracy: share,
  /** Unweighted means over the classes. */
  macro: z.object({ precision: share, recall: share, f1: share }),
  classes: z.array(ClassReport),
  /** `confusion[actual][predicted]`: numbers of images. */
  confusion: z.array(z.array(count)),
});

export type Evaluation = z.output<typeof Evaluation>;
export type ClassReport = z.output<typeof ClassReport>;
export type CalibrationBin = z.output<typeof CalibrationBin>;
export type Calibration = z.output<typeof Calibration>;
export type Mistake = z.output<typeof Mistake>;

export const writeEvaluation = (path: string, evaluation: Evaluation): Promise<void> =>
  writeFileAtomic(path, JSON.stringify(evaluation, null, 2) + "\n");

/**
 * The evaluation of a checkpoint, unchanged since it was written.
 *
 * @param checkpoint path of the checkpoint's file
 * @throws {InputError} if it is missing, was changed, or is of another checkpoint
 */
export async function readEvaluation(
  options: Pick<Configuration, "runs" | "run" | "checkpoint">,
  checkpoint: string,
): Promise<Evaluation> {
  const { evaluation: path, evaluateRecord } = runPaths(options);
  const remedy = `run \`deno task evaluate --run ${options.run} --checkpoint ${options.checkpoint}\` first`;
  const text = new TextDecoder().decode(await readFile(path, remedy));
  if (!await isAsRecorded(evaluateRecord, path)) {
    throw new InputError(`${path} has changed since evaluate wrote it; ${remedy}`);
  }
  const evaluation = Evaluation.safeParse(JSON.parse(text));
  if (!evaluation.success) throw new InputError(`${path} is not an evaluation; ${remedy}`);
  if (evaluation.data.checkpointDigest !== await sha256(checkpoint)) {
    throw new InputError(`${path} is not of ${checkpoint} as it is now; ${remedy}`);
  }
  return evaluation.data;
}
