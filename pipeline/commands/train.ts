/**
 * Stage 3: trains a network (Gastaldi 2017, section 2): Nesterov momentum, a learning rate that falls, shake-shake
 * regularization.
 *
 * @module
 */
import { command } from "../cli/command.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { reportIfPossible } from "../report/refresh_report.ts";
import { runPaths } from "../run/paths.ts";
import { withPictureSettings } from "../run/picture_settings.ts";
import { trainingFields } from "../training/run_fields.ts";
import { inTeam } from "../training/team.ts";
import { trainInTeam } from "../training/train_stage.ts";

export const train = command({
  name: "train",
  fields: [...trainingFields, "time"],
  resumes: true,
  async run(given, context) {
    if (context.resume && context.force) {
      throw new UsageError("--resume continues the run and --force begins it again; leave one of them out");
    }
    const configuration = await withPictureSettings("train", given, runPaths(given), context);
    return await inTeam(configuration, context, async (team, context) => {
      const result = await trainInTeam(configuration, context, team);
      return team.rank > 0 ? {} : { ...result, report: await reportIfPossible(configuration, context) };
    });
  },
});
