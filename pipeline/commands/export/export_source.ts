/**
 * The source of exported models: a run's network with the weights of a checkpoint, its data set and its evaluation.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import { fits } from "../../../data/decode_images.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import type { Context } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { type Checkpoint, readCheckpoint } from "../../run/checkpoint.ts";
import { type Evaluation, readEvaluation } from "../../run/evaluation_file.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { datasetPaths, type RunPaths } from "../../run/paths.ts";
import { checkpointPath, networkOf, readRunConfiguration, trainFirst } from "../../run/run_configuration.ts";
import { recordedSettings } from "../../run/stage_record.ts";

/** The fields that decide what is exported. */
export type NetworkOptions = Pick<
  Configuration,
  | "run"
  | "runs"
  | "cache"
  | "checkpoint"
  | "input"
  | "precision"
  | "opset"
  | "tolerance"
  | "parityImages"
  | "calibrationImages"
  | "reduceRange"
  | "accuracyLoss"
  | "threads"
>;

export interface ExportSource {
  readonly options: NetworkOptions;
  readonly paths: RunPaths;
  /** The configuration of the run. */
  readonly configuration: Configuration;
  readonly dataset: Dataset;
  readonly net: ShakeNetwork;
  readonly state: Checkpoint["state"];
  readonly evaluated: Evaluation;
  readonly context: Context;
}

/** The configuration of the run to export, with the cache of this command and the fit of its data set. */
export async function exportedConfiguration(paths: RunPaths, cache: string): Promise<Configuration> {
  const configuration = { ...await readRunConfiguration(paths), cache };
  // Not a field of train: only preprocess knows how it made pictures square.
  const recorded = (await recordedSettings(datasetPaths(configuration).preprocessRecord))?.["fit"];
  return { ...configuration, fit: fits.find((fit) => fit === recorded) ?? configuration.fit };
}

/** @throws {InputError} if the run is not trained or not evaluated, or its data set is missing */
export async function readSource(
  given: Pick<ExportSource, "options" | "paths" | "configuration" | "context">,
): Promise<ExportSource> {
  const { options: { checkpoint }, paths, configuration } = given;
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration, dataset);
  const { state } = await readCheckpoint(checkpointPath(paths, checkpoint), net, trainFirst(paths));
  return { ...given, dataset, net, state, evaluated: await readEvaluation(paths, checkpoint) };
}
