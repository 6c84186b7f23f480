/**
 * Stage 3: trains a network (Gastaldi 2017, section 2): Nesterov momentum, a learning rate that falls, shake-shake
 * regularization.
 *
 * @module
 */
import { InputError } from "../../data/files/input_error.ts";
import { command, type Context } from "../cli/command.ts";
import type { ReportOptions } from "../report/reported_runs.ts";
import { writeReport } from "../report/write_report.ts";
import { trainingFields } from "../training/run_fields.ts";
import { inTeam } from "../training/team.ts";
import { trainInTeam } from "../training/train_stage.ts";

export const train = command({
  name: "train",
  fields: trainingFields,
  resumes: true,
  run: (configuration, context) =>
    inTeam(configuration, context, async (team, context) => {
      const result = await trainInTeam(configuration, context, team);
      return team.rank > 0 ? {} : { ...result, report: await reportIfPossible(configuration, context) };
    }),
});

/** The path of the report, or null: a damaged file beside the run must not make its training fail. */
async function reportIfPossible(options: ReportOptions, context: Context): Promise<string | null> {
  try {
    return (await writeReport(options, context)).file;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    context.log(`warning: no report was written: ${error.message}`);
    return null;
  }
}
