/**
 * Stage 4: what a trained network gets right on the test split.
 *
 * @module
 */
import { writeFileAtomic } from "../data/files.ts";
import { uploadAll } from "../engine/engine.ts";
import { selectEngine } from "../engine/select.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { type ClassificationReport, classificationReport, formatReport } from "./classification_report.ts";
import { Classifier } from "./classifier.ts";
import type { Command } from "./command.ts";
import { datasetPaths, runPaths } from "./paths.ts";
import { loadDataset } from "./preprocess.ts";
import { startProgress } from "./progress.ts";
import { checkpointPath, networkOf, readRunConfiguration, trainFirst } from "./run_configuration.ts";
import { runStage, sha256 } from "./stage_record.ts";

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
  readonly engine: string;
}

export const evaluate: Command = {
  name: "evaluate",
  fields: ["run", "checkpoint", "engine", "threads", "runs", "cache"],
  async run(options, context) {
    const { evaluation, evaluateRecord } = runPaths(options);
    const configuration = { ...await readRunConfiguration(options), cache: options.cache };
    const checkpoint = checkpointPath(options);
    const stage = {
      name: "evaluate",
      record: evaluateRecord,
      settings: { checkpoint: options.checkpoint, engine: options.engine },
      inputs: [checkpoint, datasetPaths(configuration).decoded],
      outputs: [evaluation],
    };
    await runStage(stage, context, async () => {
      const net = networkOf(configuration);
      const { position: { step }, state } = await readCheckpoint(checkpoint, net, trainFirst(options));
      const dataset = await loadDataset(configuration);
      const { engine, reason } = await selectEngine(options.engine, options);
      context.log(`engine: ${engine.description} (${reason})`);
      const classifier = await Classifier.create(engine, net, dataset.imageShape);
      const progress = startProgress({ label: "evaluate", total: dataset.test.count, unit: "images" }, context);
      const { loss, predicted } = await classifier.classify(uploadAll(engine, state), dataset, dataset.test, {
        signal: context.signal,
        onProgress: (images) => progress.update(images),
      }).finally(() => progress.stop());
      await classifier.dispose();
      const report = classificationReport(dataset.test.labels, predicted, dataset.labels);
      const result: Evaluation = {
        dataset: dataset.name,
        checkpoint: options.checkpoint,
        checkpointDigest: (await sha256(checkpoint))!,
        step,
        loss,
        engine: engine.name,
        ...report,
      };
      await writeFileAtomic(evaluation, JSON.stringify(result, null, 2) + "\n");
      if (!context.quiet) console.log(formatReport(report));
    });
  },
};
