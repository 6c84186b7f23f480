/**
 * The source of exported models: a run's network with the weights of a checkpoint, its data set and its evaluation.
 *
 * @module
 */
import type { Dataset } from "../../../data/dataset.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import { evaluatedState } from "../../../model/weight_average.ts";
import type { Context } from "../../cli/command.ts";
import { Configuration } from "../../configuration/fields.ts";
import { type Checkpoint, readCheckpoint } from "../../run/checkpoint.ts";
import { type Evaluation, readEvaluation } from "../../run/evaluation_file.ts";
import type { RunPaths } from "../../run/paths.ts";
import { loadCheckpointData } from "../../run/run_data.ts";
import { networkOf } from "../../run/described_network.ts";
import { checkpointPath, readRunConfiguration, trainFirst } from "../../run/run_configuration.ts";
import { pick, trainingFields } from "../../training/run_fields.ts";

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
  | "features"
  | "explain"
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

/**
 * The configuration of the run to export, with the cache of this command. Fields that `train` does not have keep their
 * defaults: a model is the same whether `pipeline` or one stage after the other made it.
 */
export async function exportedConfiguration(paths: RunPaths, cache: string): Promise<Configuration> {
  const configuration = { ...await readRunConfiguration(paths), cache };
  return Configuration.parse(pick(configuration, trainingFields));
}

/** @throws {InputError} if the run is not trained or not evaluated, or its data set is missing or changed */
export async function readSource(
  given: Pick<ExportSource, "options" | "paths" | "configuration" | "context">,
): Promise<ExportSource> {
  const { options: { checkpoint }, paths, configuration } = given;
  const path = checkpointPath(paths, checkpoint);
  const dataset = await loadCheckpointData(paths, configuration, path);
  const net = networkOf(configuration, dataset);
  const { state } = await readCheckpoint(path, net, trainFirst(paths));
  return { ...given, dataset, net, state: evaluatedState(state), evaluated: await readEvaluation(paths, checkpoint) };
}
