/**
 * The trained network as ONNX, in float32 and lower precisions, checked against the network itself, with what other
 * services need beside it.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import { removeIfThere, writeFileAtomic } from "../../../data/files/files.ts";
import { type Engine, uploadAll } from "../../../engine/engine.ts";
import { selectEngine } from "../../../engine/select.ts";
import { ExportedModel, type Speed } from "../../../export/exported_model.ts";
import { type InputForm, type Precision, precisions } from "../../../export/variants.ts";
import { inferenceModel } from "../../../export/inference_model.ts";
import { modelMetadata, withDigest, withMetadata } from "../../../export/model_file.ts";
import { compareLogits, type Loss, lossOf, type Parity } from "../../../export/parity.ts";
import { reducedModel } from "../../../export/reduced_model.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import { type Checkpoint, readCheckpoint } from "../../run/checkpoint.ts";
import { Classifier } from "../../evaluation/classifier.ts";
import type { Context, Result } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { type Evaluation, readEvaluation } from "../../run/evaluation_file.ts";
import { packageFiles, packagePaths } from "./packages.ts";
import { imagesInOrder, spread } from "./model_images.ts";
import { ParityError } from "./parity_error.ts";
import { datasetPaths, runPaths } from "../../run/paths.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { startProgress } from "../../cli/progress.ts";
import { checkpointPath, networkOf, readRunConfiguration, trainFirst } from "../../run/run_configuration.ts";
import { runStage } from "../../run/stage_record.ts";

/** What is measured of every file. */
interface FileReport {
  readonly precision: Precision;
  readonly bytes: number;
  readonly speed: Speed;
}

/** A model of lower precision as `parity.json` has it: against the float32 model, on the whole test split. */
export interface ReducedReport extends FileReport, Loss {
  /** Training images that int8 was calibrated on. */
  readonly calibrationImages?: number;
}

/** `parity.json`: the float32 model against the network, and what is lost below. */
export interface ParityReport extends FileReport, Parity {
  readonly checkpoint: string;
  readonly opset: number;
  readonly input: InputForm;
  /** The file in onnxruntime on the whole test split. */
  readonly test: { readonly images: number; readonly accuracy: number };
  /** By precision. */
  readonly reduced: Readonly<Partial<Record<Precision, ReducedReport>>>;
}

/** A file and what is known of it. */
interface Made<Report> {
  readonly bytes: Uint8Array;
  readonly report: Report;
}

/** What an export is made of. */
interface Source {
  readonly options: Configuration;
  /** That of the run. */
  readonly configuration: Configuration;
  readonly dataset: Dataset;
  readonly net: ShakeNetwork;
  readonly state: Checkpoint["state"];
  readonly evaluated: Evaluation;
  readonly context: Context;
}

const BATCH = 250;

export async function exportNetwork(options: Configuration, context: Context): Promise<Result> {
  const paths = runPaths(options);
  const { models, parity, evaluation, exportRecord } = paths;
  const configuration = { ...await readRunConfiguration(options), cache: options.cache };
  const checkpoint = checkpointPath(options);
  const chosen = precisions.filter((name) => name === "float32" || options.precision.split(",").includes(name));
  const { opset, tolerance, parityImages, input, calibrationImages, reduceRange, accuracyLoss } = options;
  const measures = { tolerance, parityImages, calibrationImages, reduceRange, accuracyLoss };
  const stage = {
    name: "export",
    record: exportRecord,
    settings: { checkpoint: options.checkpoint, opset, input, precision: chosen.join(), ...measures },
    inputs: [checkpoint, evaluation, datasetPaths(configuration).decoded],
    outputs: [...chosen.map((precision) => models[precision]), parity, ...packagePaths(paths, chosen)],
  };
  const upToDate = await runStage(stage, context, async () => {
    const dataset = await loadDataset(configuration);
    const net = networkOf(configuration, dataset);
    const { state } = await readCheckpoint(checkpoint, net, trainFirst(options));
    const evaluated = await readEvaluation(options, checkpoint);
    const source = { options, configuration, dataset, net, state, evaluated, context };
    const { float32, reduced } = await makeModels(source, chosen);
    for (const { bytes, report } of [float32, ...reduced]) await writeFileAtomic(models[report.precision], bytes);
    for (const [path, content] of Object.entries(packageFiles({ ...source, paths, float32, reduced }))) {
      await writeFileAtomic(path, content);
    }
    // A file of another export would be taken for one of this.
    for (const precision of precisions) if (!chosen.includes(precision)) await removeIfThere(models[precision]);
  });
  const report = JSON.parse(await Deno.readTextFile(parity)) as ParityReport;
  return { ...report, file: models.float32, files: chosen.map((precision) => models[precision]), upToDate };
}

/** Makes and checks the models, and writes what was found. */
async function makeModels(
  source: Source,
  chosen: readonly Precision[],
): Promise<{ float32: Made<ParityReport>; reduced: Made<ReducedReport>[] }> {
  const { options, configuration, dataset, net, state, evaluated } = source;
  const { parity, models } = runPaths(options);
  const { input, opset, tolerance } = options;
  // First of all, because it quietens TensorFlow.js, which the model is made with too.
  const { engine: reference } = await selectEngine("cpu");
  const bytes = withDigest(inferenceModel(net, state, {
    ...{ opset, input, imageShape: dataset.imageShape, normalisation: dataset },
    description: `${net.title}, trained on ${dataset.name}`,
    metadata: modelMetadata({ ...dataset, ...evaluated, input, fit: configuration.fit, configuration }),
  }));
  const exported = await load(bytes, source);
  const compared = await compareWithNetwork(exported, reference, source);
  const logits = await testLogits(exported, source, "float32");
  const { images, accuracy: { exported: accuracy } } = compareLogits(logits, logits, dataset.test.labels, 0);
  const report: ParityReport = {
    ...compared,
    ...{ precision: "float32", checkpoint: options.checkpoint, opset, input, bytes: bytes.length },
    test: { images, accuracy },
    speed: await exported.measureSpeed(),
    reduced: {},
  };
  await writeReport(parity, report);
  if (!report.passed) {
    throw new ParityError(
      `the exported model differs from the network: by ${report.maxAbsoluteDifference} in a logit (allowed ${tolerance}), ` +
        `with the same class for ${
          100 * report.top1Agreement
        } % of ${report.images} images; ${models.float32} was not written`,
    );
  }
  tell(source, report, accuracy, `largest difference of a logit ${report.maxAbsoluteDifference.toExponential(1)}`);
  const reduced: Made<ReducedReport>[] = [];
  for (const precision of chosen) {
    if (precision !== "float32") reduced.push(await makeReduced(source, precision, { bytes, exported, logits }));
  }
  await exported.dispose();
  const whole = { ...report, reduced: Object.fromEntries(reduced.map(({ report }) => [report.precision, report])) };
  await writeReport(parity, whole);
  for (const { report } of reduced) requireAccuracy(source, report);
  return { float32: { bytes, report: whole }, reduced };
}

/** The float32 model against the network, branch by branch, on TensorFlow.js. */
async function compareWithNetwork(exported: ExportedModel, reference: Engine, source: Source): Promise<Parity> {
  const { options: { parityImages, tolerance }, dataset, net, state, context } = source;
  const sample = imagesInOrder(dataset, dataset.test, parityImages).next().value!;
  context.log(`export: comparing ${sample.count} images with the network on ${reference.description}`);
  const classifier = await Classifier.create(reference, net, dataset.imageShape);
  const expected = await classifier.logits(uploadAll(reference, state), sample);
  return compareLogits(expected, await exported.logits(sample), sample.labels, tolerance);
}

async function makeReduced(
  source: Source,
  precision: Exclude<Precision, "float32">,
  float32: { readonly bytes: Uint8Array; readonly exported: ExportedModel; readonly logits: Float32Array },
): Promise<Made<ReducedReport>> {
  const { options: { calibrationImages, reduceRange, accuracyLoss }, dataset } = source;
  const sample = spread(dataset, dataset.train, calibrationImages);
  const calibration = imagesInOrder(dataset, sample, BATCH);
  const bytes = await reducedModel(precision, float32.bytes, float32.exported, { calibration, reduceRange });
  const exported = await load(bytes, source);
  const logits = await testLogits(exported, source, precision);
  const loss = lossOf(float32.logits, logits, dataset.test.labels, accuracyLoss);
  const speed = await exported.measureSpeed();
  await exported.dispose();
  const described = withDigest(withMetadata(bytes, { precision, accuracy: String(loss.accuracy) }));
  const report: ReducedReport = {
    ...{ precision, bytes: described.length, speed },
    ...loss,
    ...(precision === "int8" && { calibrationImages: sample.count }),
  };
  tell(source, report, loss.accuracy, `${loss.accuracyLoss.toFixed(2)} points lost`);
  return { bytes: described, report };
}

function requireAccuracy({ options }: Source, { precision, accuracyLoss, allowedAccuracyLoss, passed }: ReducedReport) {
  if (passed) return;
  throw new ParityError(
    `${precision} loses ${
      accuracyLoss.toFixed(2)
    } points of test accuracy (allowed ${allowedAccuracyLoss}); nothing was ` +
      `written but ${runPaths(options).parity}; allow more with --accuracy-loss, or calibrate int8 on more images`,
  );
}

const load = (bytes: Uint8Array, { options: { input, threads }, dataset: { imageShape } }: Source) =>
  ExportedModel.load(bytes, { input, imageShape, threads });

/** The logits of the test split, [images, classes]. */
async function testLogits(
  model: ExportedModel,
  { dataset, context }: Source,
  precision: Precision,
): Promise<Float32Array> {
  const { count: total } = dataset.test, classes = dataset.labels.length;
  const progress = startProgress({ label: `export ${precision}`, total, unit: "images" }, context);
  const logits = new Float32Array(total * classes);
  let done = 0;
  try {
    for (const batch of imagesInOrder(dataset, dataset.test, BATCH)) {
      context.signal.throwIfAborted();
      logits.set(await model.logits(batch), done * classes);
      progress.update(done += batch.count);
    }
  } finally {
    progress.stop();
  }
  return logits;
}

function tell({ options, context }: Source, report: FileReport, accuracy: number, more: string): void {
  const { bytes, precision, speed: { imagesPerSecond } } = report;
  context.log(
    `export: ${runPaths(options).models[precision]}, ${(bytes / 1e6).toFixed(1)} MB; ${more}; test accuracy in ` +
      `onnxruntime ${(100 * accuracy).toFixed(2)} %; ${imagesPerSecond.toFixed(0)} images/s`,
  );
}

const writeReport = (path: string, report: ParityReport) =>
  writeFileAtomic(path, JSON.stringify(report, null, 2) + "\n");
