/**
 * The branch correlations of a run's checkpoint.
 *
 * @module
 */
import type { Engine } from "../../engine/engine.ts";
import { evaluatedState } from "../../model/weight_average.ts";
import type { Context } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import type { Configuration } from "../configuration/fields.ts";
import { readCheckpoint } from "../run/checkpoint.ts";
import type { BranchCorrelation } from "../run/correlation_file.ts";
import { networkOf } from "../run/described_network.ts";
import { runPaths } from "../run/paths.ts";
import { checkpointOf, checkpointPath, readRunConfiguration, trainFirst } from "../run/run_configuration.ts";
import { loadCheckpointData } from "../run/run_data.ts";
import { branchCorrelations } from "./branch_correlation.ts";

/** @throws {InputError} if the run, its checkpoint or its data is missing or damaged */
export async function correlationOf(
  options: Pick<Configuration, "run" | "checkpoint" | "runs" | "cache">,
  engine: Engine,
  context: Context,
): Promise<BranchCorrelation> {
  const paths = runPaths(options);
  const configuration = { ...await readRunConfiguration(paths), cache: options.cache };
  const checkpoint = checkpointPath(paths, checkpointOf(configuration, options.checkpoint));
  const dataset = await loadCheckpointData(paths, configuration, checkpoint);
  const net = networkOf(configuration, dataset);
  const { state } = await readCheckpoint(checkpoint, net, trainFirst(paths));
  const { count: total } = dataset.test;
  const progress = startProgress({ label: `correlate ${paths.run}`, total, unit: "images" }, context);
  const blocks = await branchCorrelations(engine, net, evaluatedState(state), dataset, {
    signal: context.signal,
    onProgress: progress.update,
  }).finally(() => progress.stop());
  return {
    run: paths.run,
    network: net.title,
    shake: configuration.shake,
    dataset: dataset.name,
    images: total,
    blocks: [...blocks],
  };
}
