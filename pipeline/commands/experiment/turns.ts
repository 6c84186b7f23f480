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

interface Named {
  readonly configuration: { readonly run: string };
}

type TurnContext = Pick<Context, "signal" | "log">;

/**
 * Measures a number of every run; each process of a team does its own runs.
 *
 * @param measure returns the number that a run gives
 * @param measured receives the numbers of the first runs after each run, where one process does all
 * @returns the numbers of all runs, the same in all processes
 */
export async function inTurns<Run extends Named>(
  runs: readonly Run[],
  team: Team,
  context: TurnContext,
  measure: (run: Run) => Promise<number>,
  measured: (numbers: Float64Array) => Promise<unknown>,
): Promise<Float64Array> {
  const one = async (run: Run) => [await measure(run)];
  return await numbersInTurns({ runs, length: 1, measure: one, measured }, team, context);
}

/** Runs, each of which gives `length` numbers. */
export interface Measuring<Run extends Named> {
  readonly runs: readonly Run[];
  readonly length: number;
  readonly measure: (run: Run) => Promise<readonly number[]>;
  /** Receives the numbers of the first runs after each run, where one process does all. */
  readonly measured: (numbers: Float64Array) => Promise<unknown>;
}

/** Does the same for several numbers of every run; those of a run follow each other. */
export async function numbersInTurns<Run extends Named>(
  { runs, length, measure, measured }: Measuring<Run>,
  team: Team,
  { signal, log }: TurnContext,
): Promise<Float64Array> {
  const numbers = new Float64Array(length * runs.length);
  for (let at = team.rank; at < runs.length; at += team.size) {
    signal.throwIfAborted();
    const run = runs[at]!;
    log(`experiment: run ${at + 1} of ${runs.length}, ${run.configuration.run}`);
    numbers.set(await measure(run), length * at);
    if (team.size === 1) await measured(numbers.subarray(0, length * (at + 1)));
  }
  await team.sum(numbers);
  return numbers;
}
