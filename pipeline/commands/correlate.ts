/**
 * Measures how alike the branches of trained networks are, block by block (Gastaldi 2017, section 3.3).
 *
 * @module
 */
import { writeFileAtomic } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import type { Engine } from "../../engine/engine.ts";
import { selectEngine } from "../../engine/select.ts";
import { evaluatedState } from "../../model/weight_average.ts";
import { command, type Context } from "../cli/command.ts";
import { startProgress } from "../cli/progress.ts";
import type { Configuration } from "../configuration/fields.ts";
import { branchCorrelations } from "../evaluation/branch_correlation.ts";
import { drawCorrelations } from "../report/correlation_figure.ts";
import { dataWarning } from "../report/compared_data.ts";
import { readRun } from "../report/read_run.ts";
import { refreshReport } from "../report/refresh_report.ts";
import { comparedRuns } from "../report/reported_runs.ts";
import { readCheckpoint } from "../run/checkpoint.ts";
import { type BranchCorrelation, writeCorrelations } from "../run/correlation_file.ts";
import { runPaths } from "../run/paths.ts";
import { loadCheckpointData } from "../run/run_data.ts";
import { networkOf } from "../run/described_network.ts";
import { checkpointOf, checkpointPath, readRunConfiguration, trainFirst } from "../run/run_configuration.ts";

export const correlate = command({
  name: "correlate",
  fields: ["run", "compare", "checkpoint", "engine", "device", "threads", "runs", "cache"],
  async run(options, context) {
    const { engine: selected, reason } = await selectEngine(options.engine, options);
    await using engine = selected;
    context.log(`engine: ${engine.description} (${reason})`);
    const correlations: BranchCorrelation[] = [];
    const runs = comparedRuns(options);
    const warning = dataWarning(await Promise.all(runs.map((run) => readRun({ ...options, run }))));
    if (warning !== undefined) context.log(`warning: ${warning}`);
    for (const run of runs) {
      correlations.push(await correlationOf({ ...options, run }, engine, context));
    }
    const paths = runPaths(options);
    const { branchCorrelation, branchCorrelationFigure } = paths;
    {
      using _lock = await lockFolder(paths.folder, "deno task correlate");
      await writeCorrelations(paths, correlations);
      await writeFileAtomic(branchCorrelationFigure, await drawCorrelations(correlations));
    }
    for (const { run, blocks } of correlations) {
      for (const { block, correlation } of blocks) context.print(`${run} ${block} ${correlation.toFixed(3)}`);
    }
    context.log(`correlate: ${branchCorrelationFigure}`);
    await refreshReport(options, context);
    return { runs: correlations, file: branchCorrelation, figure: branchCorrelationFigure };
  },
});

type RunOptions = Pick<Configuration, "run" | "checkpoint" | "runs" | "cache">;

async function correlationOf(options: RunOptions, engine: Engine, context: Context): Promise<BranchCorrelation> {
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
