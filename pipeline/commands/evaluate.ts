/**
 * Stage 4: what a trained network gets right on the test split.
 *
 * @module
 */
import { readFile, writeFileAtomic } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import { testViews, type ViewsName } from "../../data/evaluation_views.ts";
import { uploadAll } from "../../engine/engine.ts";
import { selectEngine } from "../../engine/select.ts";
import { readCheckpoint } from "../run/checkpoint.ts";
import { type ClassificationReport, classificationReport, formatReport } from "../evaluation/classification_report.ts";
import { Classifier } from "../evaluation/classifier.ts";
import type { Command } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import {
  type Calibration,
  calibration,
  confidentMistakes,
  type Mistake,
  topAccuracy,
} from "../evaluation/confidence.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { loadDataset } from "./preprocess.ts";
import { startProgress } from "../cli/progress.ts";
import { checkpointPath, networkOf, readRunConfiguration, trainFirst } from "../run/run_configuration.ts";
import { isAsRecorded, runStage, sha256 } from "../run/stage_record.ts";

/** The evaluation as it is written. */
export interface Evaluation extends ClassificationReport {
  readonly dataset: string;
  readonly checkpoint: string;
  /** SHA-256 of the checkpoint's file. */
  readonly checkpointDigest: string;
  /** Steps of training. */
  readonly step: number;
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Share of the images whose class is among the five likeliest. */
  readonly top5Accuracy: number;
  readonly calibration: Calibration;
  /** Those of which the network is surest. */
  readonly mistakes: readonly Mistake[];
  readonly testTimeAugmentation: ViewsName;
  readonly engine: string;
}

/** Mistakes that are kept. */
const MISTAKES = 48;

export const evaluate: Command = {
  name: "evaluate",
  fields: ["run", "checkpoint", "testTimeAugmentation", "engine", "device", "threads", "runs", "cache"],
  async run(options, context) {
    const { evaluation, evaluateRecord } = runPaths(options);
    const configuration = { ...await readRunConfiguration(options), cache: options.cache };
    const checkpoint = checkpointPath(options);
    const { testTimeAugmentation } = options;
    const stage = {
      name: "evaluate",
      record: evaluateRecord,
      settings: {
        checkpoint: options.checkpoint,
        testTimeAugmentation,
        engine: options.engine,
        device: options.device,
      },
      inputs: [checkpoint, datasetPaths(configuration).decoded],
      outputs: [evaluation],
    };
    const upToDate = await runStage(stage, context, async () => {
      const dataset = await loadDataset(configuration);
      const net = networkOf(configuration, dataset);
      const { position: { step }, state, digest } = await readCheckpoint(checkpoint, net, trainFirst(options));
      const { engine, reason } = await selectEngine(options.engine, options);
      context.log(`engine: ${engine.description} (${reason})`);
      const classifier = await Classifier.create(engine, net, dataset.imageShape);
      const progress = startProgress({ label: "evaluate", total: dataset.test.count, unit: "images" }, context);
      const { loss, predicted, probabilities } = await classifier.classify(
        uploadAll(engine, state),
        dataset,
        dataset.test,
        {
          views: testViews(testTimeAugmentation, dataset.imageShape),
          signal: context.signal,
          onProgress: (images) => progress.update(images),
        },
      ).finally(() => progress.stop());
      await classifier.dispose();
      if (!Number.isFinite(loss)) {
        throw new InputError(`${checkpoint} gives logits that are not finite; train it again`);
      }
      const predictions = { probabilities, labels: dataset.test.labels, classes: net.classes };
      const report = classificationReport(dataset.test.labels, predicted, dataset.labels);
      const result: Evaluation = {
        dataset: dataset.name,
        checkpoint: options.checkpoint,
        checkpointDigest: digest,
        step,
        loss,
        top5Accuracy: topAccuracy(predictions, 5),
        calibration: calibration(predictions),
        mistakes: confidentMistakes(predictions, MISTAKES),
        testTimeAugmentation,
        engine: engine.name,
        ...report,
      };
      await writeFileAtomic(evaluation, JSON.stringify(result, null, 2) + "\n");
      context.print(`${summaryOf(result)}\n\n${formatReport(report)}`);
    });
    return { ...await readEvaluation(options, checkpoint), file: evaluation, upToDate };
  },
};

function summaryOf({ accuracy, correct, images, top5Accuracy, calibration, testTimeAugmentation }: Evaluation): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const views = testTimeAugmentation === "none" ? "" : `, with views ${testTimeAugmentation}`;
  return `accuracy ${percent(accuracy)} (${correct} of ${images})${views}; top-5 ${percent(top5Accuracy)}; ` +
    `calibration error ${percent(calibration.expectedCalibrationError)}`;
}

/**
 * The evaluation of a checkpoint.
 *
 * @throws {InputError} if there is none, or it is of another checkpoint
 */
export async function readEvaluation(options: Configuration, checkpoint: string): Promise<Evaluation> {
  const path = runPaths(options).evaluation;
  const remedy = `run \`deno task evaluate --run ${options.run} --checkpoint ${options.checkpoint}\` first`;
  const text = new TextDecoder().decode(await readFile(path, remedy));
  if (!await isAsRecorded(runPaths(options).evaluateRecord, path)) {
    throw new InputError(`${path} is not as it was written; ${remedy}`);
  }
  const evaluated = JSON.parse(text) as Partial<Evaluation>;
  if (evaluated.checkpointDigest !== await sha256(checkpoint) || typeof evaluated.accuracy !== "number") {
    throw new InputError(`${path} is not of ${checkpoint} as it is now; ${remedy}`);
  }
  return evaluated as Evaluation;
}
