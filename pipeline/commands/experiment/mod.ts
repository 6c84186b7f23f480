/**
 * Runs the grid of a table of the paper, each run in a folder of its own, and writes the table. Runs that are done are not
 * run again, so an experiment that was stopped goes on where it stood. Several processes share the runs out.
 *
 * @module
 */
import { writeFileAtomic } from "../../../data/files/files.ts";
import type { Command, Context, Result } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { download } from "../download.ts";
import { evaluate } from "../evaluate.ts";
import {
  type ExperimentName,
  experimentNames,
  type ExperimentRow,
  experiments,
  experimentTable,
  rowResult,
} from "./paper_tables.ts";
import { readEvaluation } from "../../run/evaluation_file.ts";
import { runPaths } from "../../run/paths.ts";
import { preprocess } from "../preprocess.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { networkOf } from "../../run/run_configuration.ts";
import { inAll, inTeam, sameInAll, type Team, threadsOf } from "../../training/team.ts";
import { trainStage } from "../../training/train_stage.ts";
import { trainingTraits } from "../../training/training_traits.ts";
import { train } from "../train.ts";

export const experiment: Command = {
  name: "experiment",
  argument: { name: "EXPERIMENT", values: experimentNames },
  fields: [...new Set([...download.fields, ...preprocess.fields, ...train.fields, "seeds" as const])],
  run: (configuration, context) =>
    inTeam(
      configuration,
      context,
      // A run that is stopped alone has time to save, whatever the signal.
      (team, { log, print, quiet }) => runGrid(configuration, { ...context, log, print, quiet }, team),
    ),
};

/** A run of the grid. */
interface GridRun {
  readonly row: ExperimentRow;
  readonly configuration: Configuration;
}

/** The processes of a team take turns at the runs; each trains its own alone. */
async function runGrid(configuration: Configuration, context: Context, team: Team): Promise<Result> {
  const name = context.argument as ExperimentName;
  const path = `${configuration.runs}/${configuration.run}-${name}/${name}`;
  const prepare = async () => {
    await download.run(configuration, context);
    await preprocess.run(configuration, context);
  };
  // One process of each machine reads and writes for all that are there.
  await inAll(team, () => team.localRank === 0 ? prepare() : Promise.resolve());
  if (team.size > 1) await sameInAll(team, { ...await trainingTraits(configuration), experiment: name });
  const size = await sizeOf(configuration);
  const runs = gridOf(name, { ...configuration, threads: threadsOf(team, configuration.threads) });
  const errors = new Float64Array(runs.length);
  for (let at = team.rank; at < runs.length; at += team.size) {
    context.signal.throwIfAborted();
    context.log(`experiment: run ${at + 1} of ${runs.length}, ${runs[at]!.configuration.run}`);
    errors[at] = 100 * (1 - await accuracyOf(runs[at]!.configuration, context));
    if (team.size === 1) await writeTable(path, name, size, runs, errors.subarray(0, at + 1));
  }
  await team.sum(errors);
  if (team.rank > 0) return {};
  await writeTable(path, name, size, runs, errors);
  context.print(await Deno.readTextFile(`${path}.md`));
  return JSON.parse(await Deno.readTextFile(`${path}.json`));
}

/** Every row with every seed. */
function gridOf(name: ExperimentName, configuration: Configuration): GridRun[] {
  const { seed: first, seeds } = configuration;
  const runs = `${configuration.runs}/${configuration.run}-${name}`;
  return Array.from({ length: seeds }, (_, at) => first + at).flatMap((seed) =>
    experiments[name].rows.map((row) => {
      const run = { run: `${row.name}-seed${seed}`, runs, checkpoint: "last", distributed: "none" as const };
      return { row, configuration: { ...configuration, ...row.settings, seed, ...run } };
    })
  );
}

/** Trains and evaluates, where that is not done yet; the last checkpoint counts, which nobody has chosen. */
async function accuracyOf(configuration: Configuration, context: Context): Promise<number> {
  await trainStage(configuration, { ...context, resume: true });
  await evaluate.run(configuration, { ...context, quiet: true, print() {} });
  return (await readEvaluation(configuration, runPaths(configuration).last)).accuracy;
}

/** @param errors in percent, of the first runs */
async function writeTable(
  path: string,
  name: ExperimentName,
  size: string,
  runs: readonly GridRun[],
  errors: Float64Array,
): Promise<void> {
  const { title, rows } = experiments[name];
  const results = rows.flatMap((row) => {
    const ofRow = [...errors].filter((_, at) => runs[at]!.row === row);
    return ofRow.length > 0 ? [rowResult(row, ofRow)] : [];
  });
  await writeFileAtomic(`${path}.json`, JSON.stringify({ title, size, results }, null, 2) + "\n");
  await writeFileAtomic(`${path}.md`, experimentTable(title, size, results));
}

/** What was trained for how long, in a sentence. */
async function sizeOf(configuration: Configuration): Promise<string> {
  const dataset = await loadDataset(configuration);
  const { epochs, batch, learningRate, maxSteps } = configuration;
  const stopped = maxSteps === undefined ? "" : ` stopped after ${maxSteps} steps`;
  return `${
    networkOf(configuration, dataset).title
  } on ${dataset.name}, ${epochs} epochs of ${dataset.train.count} images${stopped}, ` +
    `batch ${batch}, learning rate ${learningRate}; error of the last checkpoint on ${dataset.test.count} test images.`;
}
