/**
 * Stage 5: the trained network as an ONNX file, checked against the network itself.
 *
 * @module
 */
import { batchesInOrder } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { writeFileAtomic } from "../data/files.ts";
import { uploadAll } from "../engine/engine.ts";
import { selectEngine } from "../engine/select.ts";
import { inferenceModel } from "../export/inference_model.ts";
import { compareLogits, ExportedModel, type Parity } from "../export/parity.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { Classifier, largest } from "./classifier.ts";
import type { Command, Context } from "./command.ts";
import type { Configuration } from "./configuration.ts";
import { type Evaluation, readEvaluation } from "./evaluate.ts";
import { datasetPaths, runPaths } from "./paths.ts";
import { loadDataset } from "./preprocess.ts";
import { startProgress } from "./progress.ts";
import { checkpointPath, networkOf, readRunConfiguration, trainFirst } from "./run_configuration.ts";
import { runStage } from "./stage_record.ts";

/** The parity check as it is written. */
export interface ParityReport extends Parity {
  readonly checkpoint: string;
  readonly opset: number;
  readonly bytes: number;
  /** The file in onnxruntime on the whole test split. */
  readonly test: { readonly images: number; readonly accuracy: number };
}

/** The exported model does not compute what the network computes. */
export class ParityError extends Error {
  override name = "ParityError";
  readonly exitCode = 1;
}

const BATCH = 250;

export const exportModel: Command = {
  name: "export",
  fields: ["run", "checkpoint", "opset", "tolerance", "parityImages", "threads", "runs", "cache"],
  async run(options, context) {
    const { model, parity, evaluation, exportRecord } = runPaths(options);
    const configuration = { ...await readRunConfiguration(options), cache: options.cache };
    const checkpoint = checkpointPath(options);
    const { opset, tolerance, parityImages } = options;
    const stage = {
      name: "export",
      record: exportRecord,
      settings: { checkpoint: options.checkpoint, opset, tolerance, parityImages },
      inputs: [checkpoint, evaluation, datasetPaths(configuration).decoded],
      outputs: [model, parity],
    };
    const upToDate = await runStage(stage, context, async () => {
      const { engine: reference } = await selectEngine("cpu");
      const dataset = await loadDataset(configuration);
      const net = networkOf(configuration, dataset);
      const { state } = await readCheckpoint(checkpoint, net, trainFirst(options));
      const evaluated = await readEvaluation(options, checkpoint);
      const bytes = inferenceModel(net, state, {
        opset,
        imageShape: dataset.imageShape,
        description: `${net.title}, trained on ${dataset.name}`,
        metadata: metadataOf(configuration, dataset, evaluated),
      });
      const exported = await ExportedModel.load(bytes, options.threads);
      const sample = batchesInOrder(dataset, dataset.test, parityImages).next().value!;
      context.log(`export: comparing ${sample.count} images with the network on ${reference.description}`);
      const classifier = await Classifier.create(reference, net, dataset.imageShape);
      const compared = compareLogits(
        await classifier.logits(uploadAll(reference, state), sample),
        await exported.logits(sample, dataset.imageShape),
        sample.labels,
        tolerance,
      );
      const accuracy = await testAccuracy(exported, dataset, context);
      await exported.dispose();
      const report: ParityReport = {
        ...compared,
        checkpoint: options.checkpoint,
        opset,
        bytes: bytes.length,
        test: { images: dataset.test.count, accuracy },
      };
      await writeFileAtomic(parity, JSON.stringify(report, null, 2) + "\n");
      if (!report.passed) {
        throw new ParityError(
          `the exported model differs from the network: by ${report.maxAbsoluteDifference} in a logit (allowed ${tolerance}), ` +
            `with the same class for ${
              100 * report.top1Agreement
            } % of ${report.images} images; ${model} was not written`,
        );
      }
      await writeFileAtomic(model, bytes);
      context.log(
        `export: ${model}, ${(bytes.length / 1e6).toFixed(1)} MB; largest difference of a logit ` +
          `${report.maxAbsoluteDifference.toExponential(1)}; test accuracy in onnxruntime ${
            (100 * accuracy).toFixed(2)
          } %`,
      );
    });
    const report = JSON.parse(await Deno.readTextFile(parity)) as ParityReport;
    return { ...report, file: model, upToDate };
  },
};

async function testAccuracy(model: ExportedModel, dataset: Dataset, context: Context): Promise<number> {
  const { count: total } = dataset.test;
  const progress = startProgress({ label: "export", total, unit: "images" }, context);
  let correct = 0, done = 0;
  try {
    for (const batch of batchesInOrder(dataset, dataset.test, BATCH)) {
      context.signal.throwIfAborted();
      const { count, labels } = batch;
      const logits = await model.logits(batch, dataset.imageShape);
      const classes = logits.length / count;
      for (let at = 0; at < count; at++) {
        if (largest(logits.subarray(at * classes, (at + 1) * classes)) === labels[at]) correct++;
      }
      progress.update(done += count);
    }
  } finally {
    progress.stop();
  }
  return correct / total;
}

function metadataOf(
  configuration: Configuration,
  { name, labels, mean, std }: Dataset,
  { accuracy, step, testTimeAugmentation }: Evaluation,
) {
  return {
    dataset: name,
    labels: JSON.stringify(labels),
    normalisation: JSON.stringify({ mean, std, of: "(x / 255 - mean) / std, per channel red, green, blue" }),
    accuracy: String(accuracy),
    testTimeAugmentation,
    step: String(step),
    configuration: JSON.stringify(configuration),
  };
}
