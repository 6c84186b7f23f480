/**
 * Runs of a grid, which the processes of a team do in turns.
 *
 * @module
 */
import { alone } from "../../../engine/distributed/process_group.ts";
import type { Context } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { inAll, type Team, teamOf } from "../../training/team.ts";
import { trainInTeam } from "../../training/train_stage.ts";
import type { TrainingConfiguration } from "../../training/run_fields.ts";
import { download } from "../download.ts";
import { preprocess } from "../preprocess.ts";

type DataOptions = Pick<Configuration, typeof download.fields[number] | typeof preprocess.fields[number]>;

/** Downloads and decodes the data set. One process of each machine does it for all that are there. */
export async function prepareData(configuration: DataOptions, context: Context, team: Team): Promise<void> {
  const prepare = async () => {
    await download.run(configuration, context);
    await preprocess.run(configuration, context);
  };
  await inAll(team, () => team.localRank === 0 ? prepare() : Promise.resolve());
}

/** Trains a run in this process alone, unless that is done. */
export async function trainAlone(configuration: TrainingConfiguration, context: Context): Promise<void> {
  await trainInTeam(configuration, { ...context, resume: true }, teamOf(alone, context.signal));
}

/**
 * Measures every run; each process of a team does its own.
 *
 * @param measure returns the number that a run gives
 * @param measured receives the numbers of the first runs after each run, where one process does all
 * @returns the numbers of all runs, the same in all processes
 */
export async function inTurns<Run extends { readonly configuration: { readonly run: string } }>(
  runs: readonly Run[],
  team: Team,
  { signal, log }: Pick<Context, "signal" | "log">,
  measure: (run: Run) => Promise<number>,
  measured: (numbers: Float64Array) => Promise<unknown>,
): Promise<Float64Array> {
  const numbers = new Float64Array(runs.length);
  for (let at = team.rank; at < runs.length; at += team.size) {
    signal.throwIfAborted();
    const run = runs[at]!;
    log(`experiment: run ${at + 1} of ${runs.length}, ${run.configuration.run}`);
    numbers[at] = await measure(run);
    if (team.size === 1) await measured(numbers.subarray(0, at + 1));
  }
  await team.sum(numbers);
  return numbers;
}
