/**
 * Lists the runs, or removes one.
 *
 * @module
 */
import { command, type Result } from "../cli/command.ts";
import type { Configuration } from "../configuration/fields.ts";
import { UsageError } from "../configuration/usage_error.ts";
import { listRuns, sortedRuns } from "../report/run_list.ts";
import { runListText } from "../report/run_list_text.ts";
import { runPaths, runsFlag } from "../run/paths.ts";
import { removeRun, requireRemovable } from "../run/remove_run.ts";

export const runs = command({
  name: "runs",
  fields: ["sort", "remove", "yes", "runs", "cache"],
  async run({ remove, yes = false, ...options }, context) {
    if (remove !== undefined) return await removed({ ...options, run: remove }, yes);
    if (yes) throw new UsageError("--yes needs --remove");
    const listed = sortedRuns(await listRuns(options), options.sort ?? "name");
    context.print(
      listed.length > 0
        ? runListText(listed)
        : `${options.runs} has no runs; \`deno task train${runsFlag(options)}\` makes one`,
    );
    return { runs: listed };
  },
});

/** @throws {UsageError} if nobody says yes */
async function removed(place: Pick<Configuration, "runs" | "run">, yes: boolean): Promise<Result> {
  const paths = runPaths(place);
  await requireRemovable(paths);
  if (!yes && !isConfirmed(paths.folder)) {
    throw new UsageError(`${paths.folder} stays; --yes removes it without asking`);
  }
  await removeRun(paths);
  return { removed: paths.folder };
}

/** Asks on a terminal; elsewhere nobody can answer. */
const isConfirmed = (folder: string): boolean =>
  Deno.stdin.isTerminal() && confirm(`Remove ${folder} with its checkpoints and models?`);
