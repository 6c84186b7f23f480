/**
 * Writes the report after a command that changed the run.
 *
 * @module
 */
import { isThere } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Context } from "../cli/command.ts";
import { runPaths } from "../run/paths.ts";
import { recordedSettings } from "../run/stage_record.ts";
import type { ReportOptions } from "./reported_runs.ts";
import { writeReport } from "./write_report.ts";

/** @returns its path, or null: a damaged file beside the run must not make the command fail */
export async function reportIfPossible(options: ReportOptions, context: Context): Promise<string | null> {
  try {
    return (await writeReport(options, { ...context, force: false })).file;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.log(`warning: no report was written: ${error.message}`);
    return null;
  }
}

/** Writes the report again if the run has one, with the runs that it is compared with. */
export async function refreshReport(options: Omit<ReportOptions, "compare">, context: Context): Promise<void> {
  const { report, reportRecord } = runPaths(options);
  if (!await isThere(report)) return;
  const runs = (await recordedSettings(reportRecord))?.["runs"];
  const others = Array.isArray(runs) ? runs.slice(1) : [];
  await reportIfPossible({ ...options, compare: others.length > 0 ? others.join(",") : undefined }, context);
}
