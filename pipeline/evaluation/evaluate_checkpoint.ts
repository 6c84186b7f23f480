/**
 * Evaluates a checkpoint: classifies the test split, and measures accuracy, calibration and mistakes.
 *
 * @module
 */
import type { Dataset, Split } from "../../data/dataset.ts";
import type { HeatMap } from "../../data/heat_map.ts";
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
import type { Calibrated, Evaluation } from "../run/evaluation_file.ts";
import type { RunPaths } from "../run/paths.ts";
import { loadCheckpointData } from "../run/run_data.ts";
import { networkOf } from "../run/described_network.ts";
import { checkpointPath, trainFirst } from "../run/run_configuration.ts";
import { trainingSplits } from "../run/training_splits.ts";
import { calibrate, type CalibrationData, halves, WANTED_PRECISION } from "./calibrate.ts";
import { chosenOn } from "./chosen_on.ts";
import { classificationReport } from "./classification_report.ts";
import { type Classification, Classifier, type ViewedClassification } from "./classifier.ts";
import { calibration, confidentMistakes, topAccuracy } from "./confidence.ts";
import { explainImages } from "./explain_images.ts";
import { probabilitiesAt } from "./temperature.ts";

export type EvaluationOptions = Pick<
  Configuration,
  "run" | "checkpoint" | "testTimeAugmentation" | "wantedPrecision" | "engine" | "device" | "threads"
>;

/** An evaluation, and Grad-CAM maps of its most confident mistakes by the index of the image. */
export interface ExplainedEvaluation extends Evaluation {
  readonly maps: ReadonlyMap<number, HeatMap>;
}

/** Mistakes with a map. */
const EXPLAINED = 48;

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
): Promise<ExplainedEvaluation> {
  const path = checkpointPath(paths, options.checkpoint);
  const dataset = await loadCheckpointData(paths, trained, path);
  const net = networkOf(trained, dataset);
  const { position, state, digest } = await readCheckpoint(path, net, trainFirst(paths));
  const { engine: selected, reason } = await selectEngine(options.engine, options);
  await using engine = selected;
  context.log(`engine: ${engine.description} (${reason})`);
  const { validation } = trainingSplits(dataset, trained);
  const held = trained.validation === "test" ? undefined : validation;
  const { classification, ofHeld } = await classify(engine, net, state, { dataset, held }, options, context);
  if (!Number.isFinite(classification.loss)) {
    throw new InputError(`${path} gives logits that are not finite; train it again`);
  }
  const { checkpoint, testTimeAugmentation, wantedPrecision = WANTED_PRECISION } = options;
  const data = validation && calibrationData(dataset, classification, held, ofHeld);
  const calibrated = data && calibrate(data, wantedPrecision);
  const measures = confidenceOf(classification, dataset, calibrated);
  const mistakes = measures.mistakes.slice(0, EXPLAINED).map(({ image }) => image);
  return {
    maps: await explained(engine, net, state, dataset, mistakes, context),
    ...{ dataset: dataset.name, checkpoint, checkpointDigest: digest, step: position.step },
    chosenOn: chosenOn(position, trained, checkpoint),
    ...measures,
    ...(calibrated && { calibrated }),
    ...{ testTimeAugmentation, engine: engine.name },
    ...(classification.averaged && { augmented: augmentedOf(classification.averaged, dataset) }),
    ...classificationReport(dataset.test.labels, classification.predicted, dataset.labels),
  };
}

/** The images that a temperature is fitted on, and the test images that measure it; without `held` two halves of these. */
function calibrationData(
  { test, labels }: Dataset,
  { logProbabilities }: Classification,
  held: Split | undefined,
  ofHeld: Classification | undefined,
): CalibrationData {
  const ofTest = { logProbabilities, labels: test.labels, classes: labels.length };
  if (!held || !ofHeld) {
    const [fitted, measured] = halves(ofTest);
    return { fitted, fittedOn: "half of test", measured };
  }
  const fitted = { logProbabilities: ofHeld.logProbabilities, labels: held.labels, classes: labels.length };
  return { fitted, fittedOn: "validation", measured: ofTest };
}

/** Classifies the test split, and pictures that are held out of the training split, and shows the progress. */
async function classify(
  engine: Engine,
  net: Network,
  state: Checkpoint["state"],
  { dataset, held }: { readonly dataset: Dataset; readonly held: Split | undefined },
  { testTimeAugmentation }: EvaluationOptions,
  context: Context,
): Promise<{ classification: ViewedClassification; ofHeld: Classification | undefined }> {
  await using classifier = new Classifier(engine, net, dataset.imageShape);
  using uploaded = new DisposableStack();
  const tensors = uploaded.adopt(uploadAll(engine, evaluatedState(state)), disposeAll);
  const { test } = dataset, { signal } = context;
  const total = test.count + (held?.count ?? 0);
  using progress = startProgress({ label: "evaluate", total, unit: "images" }, context);
  const classification = await classifier.classify(tensors, dataset, test, {
    views: weightedViews(testTimeAugmentation, dataset.imageShape),
    signal,
    onProgress: (images) => progress.update(images),
  });
  const onProgress = (images: number) => progress.update(test.count + images);
  const ofHeld = held && await classifier.classify(tensors, dataset, held, { signal, onProgress });
  return { classification, ofHeld };
}

/** Grad-CAM maps of some test images. */
async function explained(
  engine: Engine,
  net: Network,
  state: Checkpoint["state"],
  dataset: Dataset,
  images: readonly number[],
  { signal }: Context,
): Promise<ReadonlyMap<number, HeatMap>> {
  using uploaded = new DisposableStack();
  const tensors = uploaded.adopt(uploadAll(engine, evaluatedState(state)), disposeAll);
  const maps = await explainImages(engine, net, tensors, dataset, dataset.test, images, signal);
  return new Map(images.map((image, at) => [image, maps[at]!]));
}

/** The measures of the probabilities; mistakes have those that the exported model gives. */
function confidenceOf(
  { loss, probabilities, logProbabilities }: Classification,
  { test, labels }: Dataset,
  calibrated?: Calibrated,
) {
  const classes = labels.length, predictions = { probabilities, labels: test.labels, classes };
  const believed = calibrated
    ? { ...predictions, probabilities: probabilitiesAt({ logProbabilities, classes }, calibrated.temperature) }
    : predictions;
  return {
    loss,
    ...(labels.length > 5 && { top5Accuracy: topAccuracy(predictions, 5) }),
    calibration: calibration(predictions),
    mistakes: confidentMistakes(believed),
  };
}

/** The main measures of the mean prediction of several views. */
function augmentedOf(averaged: Classification, dataset: Dataset): Evaluation["augmented"] {
  const { loss, top5Accuracy, calibration: { expectedCalibrationError } } = confidenceOf(averaged, dataset);
  const { accuracy } = averaged;
  const correct = Math.round(accuracy * dataset.test.count);
  return { loss, correct, accuracy, ...(top5Accuracy !== undefined && { top5Accuracy }), expectedCalibrationError };
}
