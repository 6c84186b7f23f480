/**
 * Writes the report of a run, alone or compared with others, as one page.
 *
 * @module
 */
import { command } from "../cli/command.ts";
import { reportFields } from "../report/reported_runs.ts";
import { writeReport } from "../report/write_report.ts";

export const report = command({
  name: "report",
  fields: reportFields,
  run: async (options, context) => ({ ...await writeReport(options, context) }),
});
