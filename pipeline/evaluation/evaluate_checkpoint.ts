/**
 * Evaluates a checkpoint: classifies the test split, and measures accuracy, calibration and mistakes.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { weightedViews } from "../../data/weighted_views.ts";
import { disposeAll, type Engine, uploadAll } from "../../engine/engine.ts";
import { selectEngine } from "../../engine/select.ts";
import type { Network } from "../../model/network.ts";
import { evaluatedState } from "../../model/weight_average.ts";
import type { Context } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import type { Configuration } from "../configuration/fields.ts";
import { type Checkpoint, readCheckpoint } from "../run/checkpoint.ts";
import type { Evaluation } from "../run/evaluation_file.ts";
import type { RunPaths } from "../run/paths.ts";
import { loadCheckpointData } from "../run/run_data.ts";
import { checkpointPath, networkOf, trainFirst } from "../run/run_configuration.ts";
import { chosenOn } from "./chosen_on.ts";
import { classificationReport } from "./classification_report.ts";
import { type Classification, Classifier, type ViewedClassification } from "./classifier.ts";
import { calibration, confidentMistakes, topAccuracy } from "./confidence.ts";

export type EvaluationOptions = Pick<
  Configuration,
  "run" | "checkpoint" | "testTimeAugmentation" | "engine" | "device" | "threads"
>;

/**
 * @param options the fields of the command
 * @param paths of the run
 * @param trained the configuration that the run was trained with
 * @throws {InputError} if the data set or the checkpoint is missing or damaged, the checkpoint was trained on other data, or it
 *   gives logits that are not finite
 */
export async function evaluateCheckpoint(
  options: EvaluationOptions,
  paths: RunPaths,
  trained: Configuration,
  context: Context,
): Promise<Evaluation> {
  const path = checkpointPath(paths, options.checkpoint);
  const dataset = await loadCheckpointData(paths, trained, path);
  const net = networkOf(trained, dataset);
  const { position, state, digest } = await readCheckpoint(path, net, trainFirst(options));
  const { engine, reason } = await selectEngine(options.engine, options);
  context.log(`engine: ${engine.description} (${reason})`);
  const classification = await classify(engine, net, state, dataset, options, context);
  if (!Number.isFinite(classification.loss)) {
    throw new InputError(`${path} gives logits that are not finite; train it again`);
  }
  const { checkpoint, testTimeAugmentation } = options;
  return {
    ...{ dataset: dataset.name, checkpoint, checkpointDigest: digest, step: position.step },
    chosenOn: chosenOn(position, trained, checkpoint),
    ...confidenceOf(classification, dataset),
    ...{ testTimeAugmentation, engine: engine.name },
    ...(classification.averaged && { augmented: augmentedOf(classification.averaged, dataset) }),
    ...classificationReport(dataset.test.labels, classification.predicted, dataset.labels),
  };
}

/** Classifies the test split and shows the progress. */
async function classify(
  engine: Engine,
  net: Network,
  state: Checkpoint["state"],
  dataset: Dataset,
  { testTimeAugmentation }: EvaluationOptions,
  context: Context,
): Promise<ViewedClassification> {
  await using classifier = await Classifier.create(engine, net, dataset.imageShape);
  using uploaded = new DisposableStack();
  const tensors = uploaded.adopt(uploadAll(engine, evaluatedState(state)), disposeAll);
  using progress = startProgress({ label: "evaluate", total: dataset.test.count, unit: "images" }, context);
  return await classifier.classify(tensors, dataset, dataset.test, {
    views: weightedViews(testTimeAugmentation, dataset.imageShape),
    signal: context.signal,
    onProgress: (images) => progress.update(images),
  });
}

/** The measures of the probabilities. */
function confidenceOf({ loss, probabilities }: Classification, { test, labels }: Dataset) {
  const predictions = { probabilities, labels: test.labels, classes: labels.length };
  return {
    loss,
    ...(labels.length > 5 && { top5Accuracy: topAccuracy(predictions, 5) }),
    calibration: calibration(predictions),
    mistakes: confidentMistakes(predictions),
  };
}

/** The main measures of the mean prediction of several views. */
function augmentedOf(averaged: Classification, dataset: Dataset): Evaluation["augmented"] {
  const { loss, top5Accuracy, calibration: { expectedCalibrationError } } = confidenceOf(averaged, dataset);
  const { accuracy } = averaged;
  const correct = Math.round(accuracy * dataset.test.count);
  return { loss, correct, accuracy, ...(top5Accuracy !== undefined && { top5Accuracy }), expectedCalibrationError };
}
