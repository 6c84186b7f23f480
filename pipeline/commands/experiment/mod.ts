/**
 * Runs the grid of a table of the paper, of recipes, or of modes of shaking, each run in a folder of its own, and writes the
 * table. It skips runs that are done, so a stopped experiment resumes. Several processes divide the runs among them.
 *
 * @module
 */
import { writeFileAtomic } from "../../../data/files/files.ts";
import { command, type Context, type Result } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { UsageError } from "../../configuration/usage_error.ts";
import { evaluateStage } from "../../evaluation/evaluate_stage.ts";
import { readEvaluation } from "../../run/evaluation_file.ts";
import { writeJson } from "../../run/json_file.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { runPaths } from "../../run/paths.ts";
import { withKnownSize, withSuitedSize } from "../../run/suited_size.ts";
import { trainingFields } from "../../training/run_fields.ts";
import { inTeam, sameInAll, type Team, threadsOf } from "../../training/team.ts";
import { trainingTraits } from "../../training/training_traits.ts";
import { download } from "../download.ts";
import { preprocess } from "../preprocess.ts";
import {
  type ExperimentName,
  experimentNames,
  type ExperimentRow,
  experiments,
  experimentTable,
  type RowResult,
  rowResult,
} from "./paper_tables.ts";
import { runRecipes } from "./recipe_grid.ts";
import { runShaking } from "./shaking.ts";
import { sizeText } from "./size_text.ts";
import { inTurns, prepareData, trainAlone } from "./turns.ts";

const fields = [
  ...new Set([
    ...download.fields,
    ...preprocess.fields,
    // Without --time: the length of its runs is the experiment's own.
    ...trainingFields,
    ...["seeds", "budget", "recipes", "modes"] as const,
  ]),
];
type Options = Pick<Configuration, typeof fields[number]>;

export const experiment = command({
  name: "experiment",
  argument: { name: "EXPERIMENT", values: [...experimentNames, "recipe", "shaking"] },
  fields,
  varies: true,
  async run(configuration, context) {
    refuseOtherExperiments(configuration, context.argument!);
    return await inTeam(
      configuration,
      context,
      // Keeps the command's own signal: each process trains its run alone, and has time to save it.
      async (team, { log, print, quiet }) => {
        const run = others.get(context.argument!) ?? runGrid;
        const own = { ...context, log, print, quiet };
        return await run(await withSuitedSize("experiment", configuration, own), withKnownSize(own), team);
      },
    );
  },
});

/** @throws {UsageError} naming a flag of another experiment */
function refuseOtherExperiments(configuration: Options, name: string): void {
  const flags = [["budget", "recipe"], ["recipes", "recipe"], ["modes", "shaking"]] as const;
  const stray = flags.find(([field, of]) => configuration[field] !== undefined && of !== name);
  if (stray) throw new UsageError(`--${stray[0]} is a flag of experiment ${stray[1]}, not of ${name}; leave it out`);
}

/** Experiments that are no tables of the paper. */
const others = new Map([["recipe", runRecipes], ["shaking", runShaking]]);

/** A run's own fields: the last checkpoint counts, because no validation selects it, and each image is seen once. */
const ofEveryRun = {
  ...{ checkpoint: "last", testTimeAugmentation: "none", distributed: "none" } as const,
  wantedPrecision: undefined,
};

type RunOptions = Options & typeof ofEveryRun;

/** The table as `<experiment>.json` has it. */
interface Table {
  readonly title: string;
  readonly size: string;
  readonly results: readonly RowResult[];
}

/** A run of the grid. */
interface GridRun {
  readonly row: ExperimentRow;
  readonly configuration: RunOptions;
}

/** The processes of a team take turns at the runs; each trains its own alone. */
async function runGrid(configuration: Options, context: Context, team: Team): Promise<Result> {
  const name = context.argument as ExperimentName;
  const path = `${configuration.runs}/${configuration.run}-${name}/${name}`;
  await prepareData(configuration, context, team);
  if (team.size > 1) await sameInAll(team, { ...await trainingTraits(configuration), experiment: name });
  const size = sizeText(configuration, await loadDataset(configuration));
  const runs = gridOf(name, { ...configuration, threads: threadsOf(team, configuration.threads) });
  const write = (errors: Float64Array) => writeTable(path, name, size, runs, errors);
  const errorOf = async (run: GridRun) => 100 * (1 - await accuracyOf(run.configuration, context));
  const errors = await inTurns(runs, team, context, errorOf, write);
  if (team.rank > 0) return {};
  const table = await write(errors);
  context.print(await Deno.readTextFile(`${path}.md`));
  return { ...table };
}

/** Every row with every seed. */
function gridOf(name: ExperimentName, configuration: Options): GridRun[] {
  const { seed: first, seeds } = configuration;
  const runs = `${configuration.runs}/${configuration.run}-${name}`;
  return Array.from({ length: seeds }, (_, at) => first + at).flatMap((seed) =>
    experiments[name].rows.map((row) => {
      const run = { run: `${row.name}-seed${seed}`, runs, ...ofEveryRun };
      return { row, configuration: { ...configuration, ...row.settings, seed, ...run } };
    })
  );
}

/** Trains and evaluates a run, unless that is done; returns its test accuracy. */
async function accuracyOf(configuration: RunOptions, context: Context): Promise<number> {
  await trainAlone(configuration, context);
  await evaluateStage(configuration, { ...context, quiet: true, print() {} });
  return (await readEvaluation(runPaths(configuration), configuration.checkpoint)).accuracy;
}

/** @param errors the errors of the first runs, in percent */
async function writeTable(
  path: string,
  name: ExperimentName,
  size: string,
  runs: readonly GridRun[],
  errors: Float64Array,
): Promise<Table> {
  const { title, rows } = experiments[name];
  const results = rows.flatMap((row) => {
    const ofRow = [...errors].filter((_, at) => runs[at]!.row === row);
    return ofRow.length > 0 ? [rowResult(row, ofRow)] : [];
  });
  await writeJson(`${path}.json`, { title, size, results });
  await writeFileAtomic(`${path}.md`, experimentTable(title, size, results));
  return { title, size, results };
}
