/**
 * Exports the trained network as ONNX, in float32 and lower precisions: makes the models, checks them against the network,
 * and writes them in the layouts of other services too.
 *
 * @module
 */
import { removeIfThere, writeFileAtomic } from "../../../data/files/files.ts";
import { checkSafetensors } from "../../../data/files/safetensors.ts";
import { selectEngine } from "../../../engine/select.ts";
import { withAnySize } from "../../../export/any_size.ts";
import { type Precision, precisions } from "../../../export/variants.ts";
import type { Context } from "../../cli/command.ts";
import {
  type FileReport,
  type ParityReport,
  readParity,
  type ReducedReport,
  writeParity,
} from "../../run/parity_file.ts";
import { datasetPaths, runPaths } from "../../run/paths.ts";
import { checkpointOf, checkpointPath, trainFirst } from "../../run/run_configuration.ts";
import { runStage } from "../../run/stage_record.ts";
import { exportedConfiguration, type ExportSource, type NetworkOptions, readSource } from "./export_source.ts";
import { checkFloat32, float32Bytes } from "./float32_model.ts";
import { logPreprocessing, measurePreprocessing } from "./measure_preprocessing.ts";
import { loadModel, type Made } from "./measure_model.ts";
import { packageFiles, packagePaths, removePackages } from "./packages.ts";
import { makeReduced, type ReducedPrecision, requireAccuracy } from "./reduced_models.ts";

/** The models of an export. */
interface Models {
  readonly float32: Made<ParityReport>;
  readonly reduced: readonly Made<ReducedReport>[];
}

/** A finished export. */
export interface ExportResult extends ParityReport {
  readonly file: string;
  readonly files: readonly string[];
  readonly upToDate: boolean;
}

/** @throws {ParityError} if a model differs too much from the network; then no model is written */
export async function exportNetwork(given: NetworkOptions, context: Context): Promise<ExportResult> {
  const paths = runPaths(given);
  const configuration = await exportedConfiguration(paths, given.cache);
  const options = { ...given, checkpoint: checkpointOf(configuration, given.checkpoint) };
  const reduced = reducedPrecisions(options.precision);
  const chosen: Precision[] = ["float32", ...reduced];
  const { checkpoint, opset, tolerance, parityImages, input, calibrationImages, reduceRange, accuracyLoss } = options;
  const { features, explain } = options;
  const measures = { tolerance, parityImages, calibrationImages, reduceRange, accuracyLoss };
  const files = chosen.map((precision) => paths.models[precision]);
  await checkSafetensors(checkpointPath(paths, checkpoint), trainFirst(paths));
  const stage = {
    name: "export",
    record: paths.exportRecord,
    settings: { checkpoint, opset, input, precision: chosen.join(), features, explain, ...measures },
    inputs: [checkpointPath(paths, checkpoint), paths.evaluation, datasetPaths(configuration).decoded],
    outputs: [...files, paths.parity, ...packagePaths(paths, chosen)],
  };
  const upToDate = await runStage(stage, context, async () => {
    const source = await readSource({ options, paths, configuration, context });
    await writeModels(source, await makeModels(source, reduced));
  });
  return { ...await readParity(paths), file: paths.models.float32, files, upToDate };
}

/** The precisions below float32 that `--precision` names, in the order of all. */
const reducedPrecisions = (named: string): ReducedPrecision[] =>
  precisions.filter((name) => name !== "float32").filter((name) => named.split(",").includes(name));

/** Makes and checks the models, and writes `parity.json`. */
async function makeModels(source: ExportSource, precisions: readonly ReducedPrecision[]): Promise<Models> {
  // First, because it silences TensorFlow.js, which traces the model too.
  const { engine: reference } = await selectEngine("cpu");
  const bytes = float32Bytes(source);
  await using exported = await loadModel(bytes, source);
  const { report, logits } = await checkFloat32(bytes, exported, reference, source);
  const reduced: Made<ReducedReport>[] = [];
  for (const precision of precisions) reduced.push(await makeReduced(source, precision, { bytes, exported, logits }));
  const whole = { ...report, reduced: Object.fromEntries(reduced.map(({ report }) => [report.precision, report])) };
  await writeParity(source.paths, whole);
  for (const { report } of reduced) requireAccuracy(source, report);
  const models = { float32: { bytes, report: whole }, reduced };
  return source.options.input === "uint8-any" ? await withResizing(models, source) : models;
}

/** Puts resizing in front of the models, and measures how far their probabilities are from those of `predict`. */
async function withResizing({ float32, reduced }: Models, source: ExportSource): Promise<Models> {
  const { paths, dataset: { imageShape: [size] }, configuration: { fit } } = source;
  const resizing = <R extends FileReport>({ bytes, report }: Made<R>): Made<R> => {
    const larger = withAnySize(bytes, size, fit);
    return { bytes: larger, report: { ...report, bytes: larger.length } };
  };
  const first = resizing(float32), others = reduced.map(resizing);
  const preprocessing = await measurePreprocessing(first.bytes, source);
  logPreprocessing(preprocessing, source);
  const byPrecision = Object.fromEntries(others.map(({ report }) => [report.precision, report]));
  const report = { ...first.report, preprocessing, reduced: byPrecision };
  await writeParity(paths, report);
  return { float32: { ...first, report }, reduced: others };
}

async function writeModels(source: ExportSource, { float32, reduced }: Models): Promise<void> {
  const { models } = source.paths;
  const written = [float32, ...reduced];
  for (const { bytes, report } of written) await writeFileAtomic(models[report.precision], bytes);
  for (const [path, content] of Object.entries(packageFiles({ ...source, float32, reduced }))) {
    await writeFileAtomic(path, content);
  }
  // Removes models that an earlier export left.
  for (const precision of precisions) {
    if (written.some(({ report }) => report.precision === precision)) continue;
    await removeIfThere(models[precision]);
    await removePackages(source.paths, precision);
  }
}
