/**
 * Writes the report of a run, alone or compared with others, unless the one that is there is up to date.
 *
 * @module
 */
import { isThere, writeFileAtomic } from "../../data/files/files.ts";
import type { Context } from "../cli/command.ts";
import { warnOfDamagedMetrics } from "../run/metrics_log.ts";
import { datasetPaths, runPaths } from "../run/paths.ts";
import { runStage } from "../run/stage_record.ts";
import { dataWarning } from "./compared_data.ts";
import { documentOf, reportOf } from "./page.ts";
import { readRun, runFiles } from "./read_run.ts";
import { comparedRuns, readRuns, type ReportOptions } from "./reported_runs.ts";

export interface WrittenReport {
  readonly runs: readonly string[];
  /** Path of the page. */
  readonly file: string;
  readonly upToDate: boolean;
}

/** @throws {InputError} if a run is missing or a file of it is damaged */
export async function writeReport(options: ReportOptions, context: Context): Promise<WrittenReport> {
  const { report, reportRecord } = runPaths(options);
  const runs = comparedRuns(options);
  const inputs = await inputsOf(options, runs);
  const stage = { name: "report", record: reportRecord, settings: { runs }, inputs, outputs: [report] };
  const upToDate = await runStage(stage, context, async () => {
    for (const run of runs) await warnOfDamagedMetrics(runPaths({ ...options, run }).metrics, context.log);
    const read = await readRuns(options);
    const warnings = [dataWarning(read.map(({ data }) => data)), ...read.flatMap(({ notes }) => notes)];
    for (const warning of warnings) if (warning !== undefined) context.log(`warning: ${warning}`);
    await writeFileAtomic(report, documentOf(`${runs.join(", ")} — ShakeNet`, await reportOf(read)));
    context.log(`report: ${report}`);
  });
  return { runs, file: report, upToDate };
}

/** The files that a report shows, as far as they exist. */
async function inputsOf(options: ReportOptions, runs: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const run of runs) {
    const { configuration } = await readRun({ ...options, run });
    files.push(...runFiles({ ...options, run }), datasetPaths(configuration).decoded);
  }
  const there = await Promise.all(files.map(isThere));
  return [...new Set(files.filter((_, at) => there[at]))];
}
