/**
 * `evaluation.json`: the schema, the reader and the writer of a measured checkpoint.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../data/files/input_error.ts";
import { weightedViewsNames } from "../../data/weighted_views.ts";
import { shellWord } from "../cli/shell_word.ts";
import { chosenOnNames } from "../../export/chosen_on.ts";
import { Calibrated, Calibration } from "./calibration_schema.ts";
import { readJson, readJsonIfThere, writeJson } from "./json_file.ts";
import type { RunPaths } from "./paths.ts";
import { checkpointPath } from "./run_configuration.ts";
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

/** The checkpoint with the mean prediction of several views of an image. */
const Augmented = z.object({
  loss: z.number(),
  correct: count,
  accuracy: share,
  /** For more than five classes. */
  top5Accuracy: share.optional(),
  expectedCalibrationError: z.number(),
});

export const Evaluation = z.object({
  dataset: z.string(),
  /** The value of `--checkpoint`. */
  checkpoint: z.string(),
  /** SHA-256 of the checkpoint's file. */
  checkpointDigest: z.string(),
  /** Steps of training. */
  step: count,
  /** The images that chose the checkpoint; earlier versions had no validation split, and did not record it. */
  chosenOn: z.enum(chosenOnNames).optional(),
  /** Mean cross-entropy. */
  loss: z.number(),
  /** Share of the images whose class is among the five likeliest; five classes or fewer have none. */
  top5Accuracy: share.optional(),
  /** The calibration of the network's own probabilities. */
  calibration: Calibration,
  /** The probabilities with a fitted temperature; a run without validation images has none. */
  calibrated: Calibrated.optional(),
  /** The mistakes with the highest confidence, which is calibrated where there is a temperature. */
  mistakes: z.array(Mistake),
  testTimeAugmentation: z.enum(weightedViewsNames),
  /** The measures with the views of `testTimeAugmentation`; all others are of the images as they are. */
  augmented: Augmented.optional(),
  engine: z.string(),
  images: count,
  correct: count,
  accuracy: share,
  /** Mean recall of the classes that have images; earlier versions did not record it. */
  balancedAccuracy: share.optional(),
  /** Unweighted means over the classes. */
  macro: z.object({ precision: share, recall: share, f1: share }),
  classes: z.array(ClassReport),
  /** `confusion[actual][predicted]`: numbers of images. */
  confusion: z.array(z.array(count)),
}).refine(isConsistent).transform((evaluation) => ({
  ...evaluation,
  chosenOn: evaluation.chosenOn ?? (evaluation.checkpoint === "last" ? "none" as const : "test" as const),
}));

/** Tells if the parts of an evaluation are of the same classes and images. */
function isConsistent({ classes, confusion, mistakes, images, correct }: Counts): boolean {
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const isClass = (index: number) => index < classes.length;
  return confusion.length === classes.length &&
    confusion.every((row, actual) => row.length === classes.length && sum(row) === classes[actual]!.support) &&
    mistakes.every(({ actual, predicted }) => isClass(actual) && isClass(predicted)) &&
    sum(classes.map(({ support }) => support)) === images &&
    sum(confusion.map((row, actual) => row[actual]!)) === correct;
}

/** The parts of an evaluation that count images. */
interface Counts {
  readonly images: number;
  readonly correct: number;
  readonly classes: readonly { readonly support: number }[];
  readonly confusion: readonly (readonly number[])[];
  readonly mistakes: readonly { readonly actual: number; readonly predicted: number }[];
}

export type Evaluation = z.output<typeof Evaluation>;
export type ClassReport = z.output<typeof ClassReport>;
export type { Calibrated, Calibration, CalibrationBin } from "./calibration_schema.ts";
export type Mistake = z.output<typeof Mistake>;

type EvaluationPath = Pick<RunPaths, "evaluation">;

export const writeEvaluation = ({ evaluation: path }: EvaluationPath, evaluation: Evaluation): Promise<void> =>
  writeJson(path, evaluation);

/**
 * The evaluation of a run, whatever its checkpoint is now.
 *
 * @returns undefined if the run is not evaluated
 * @throws {InputError} if the file is damaged
 */
export const evaluationIfThere = (
  { evaluation, flags }: EvaluationPath & Pick<RunPaths, "flags">,
): Promise<Evaluation | undefined> => readJsonIfThere(evaluation, Evaluation, `evaluate ${flags}`);

/**
 * The evaluation of a checkpoint as it is now.
 *
 * @param checkpoint the value of `--checkpoint`
 * @throws {InputError} if the run is not evaluated, the file has changed, or it is of another checkpoint
 */
export async function readEvaluation(paths: RunPaths, checkpoint: string): Promise<Evaluation> {
  const { flags, evaluation: path, evaluateRecord } = paths;
  const task = `evaluate ${flags} --checkpoint ${shellWord(checkpoint)}`;
  const evaluation = await readJson(path, Evaluation, task);
  if (!await isAsRecorded(evaluateRecord, path)) {
    throw new InputError(`${path} has changed since evaluate wrote it; run \`deno task ${task}\` first`);
  }
  const file = checkpointPath(paths, checkpoint);
  if (evaluation.checkpointDigest !== await sha256(file)) {
    throw new InputError(`${path} is not of ${file} as it is now; run \`deno task ${task}\` first`);
  }
  return evaluation;
}
