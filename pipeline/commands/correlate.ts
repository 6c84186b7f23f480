/**
 * Measures how alike the branches of trained networks are, block by block (Gastaldi 2017, section 3.3).
 *
 * @module
 */
import { writeFileAtomic } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import { selectEngine } from "../../engine/select.ts";
import { command } from "../cli/command.ts";
import { correlationOf } from "../evaluation/run_correlation.ts";
import { drawCorrelations } from "../report/correlation_figure.ts";
import { dataWarning } from "../report/compared_data.ts";
import { readRun } from "../report/read_run.ts";
import { refreshReport } from "../report/refresh_report.ts";
import { comparedRuns } from "../report/reported_runs.ts";
import { type BranchCorrelation, writeCorrelations } from "../run/correlation_file.ts";
import { runPaths } from "../run/paths.ts";

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
