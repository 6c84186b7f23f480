/**
 * Compares recipes at equal compute: trains each under each budget with each seed, and writes table and figure. The
 * validation split alone judges them; nothing reads the test split.
 *
 * @module
 */
import { writeFileAtomic } from "../../../data/files/files.ts";
import type { TrainingData } from "../../../data/batches.ts";
import { parseValidation } from "../../../data/validation_split.ts";
import type { Context, Result } from "../../cli/command.ts";
import type { Configuration } from "../../configuration/fields.ts";
import { didYouMean, nearest } from "../../configuration/suggestions.ts";
import { UsageError } from "../../configuration/usage_error.ts";
import { drawRecipes } from "../../report/recipe_figure.ts";
import { writeJson } from "../../run/json_file.ts";
import { loadDataset } from "../../run/load_dataset.ts";
import { readMetrics } from "../../run/metrics_log.ts";
import { runPaths } from "../../run/paths.ts";
import { networkOf } from "../../run/described_network.ts";
import { trainingSplits } from "../../run/training_splits.ts";
import type { TrainingConfiguration } from "../../training/run_fields.ts";
import { stepFlop } from "../../training/step_flop.ts";
import { sameInAll, type Team, threadsOf } from "../../training/team.ts";
import { trainingTraits } from "../../training/training_traits.ts";
import type { download } from "../download.ts";
import type { preprocess } from "../preprocess.ts";
import { type Scaled, scaledTo } from "./budget.ts";
import { bestFirst, type RecipeResult, recipeResult, recipeTable } from "./recipe_table.ts";
import { type Recipe, recipeNames, recipes } from "./recipes.ts";
import { inTurns, prepareData, trainAlone } from "./turns.ts";

/** Some minutes of a small network on two CPU cores, in PFLOP. */
const DEFAULT_BUDGET = "0.02";

type DataFields = typeof download.fields[number] | typeof preprocess.fields[number];
export type RecipeOptions =
  & TrainingConfiguration
  & Pick<Configuration, DataFields | "seeds" | "budget" | "recipes">;

/** A recipe under a budget. */
interface Row extends Scaled {
  readonly recipe: string;
  readonly network: string;
  /** In PFLOP. */
  readonly budget: number;
  readonly settings: Partial<Configuration>;
}

interface RecipeRun {
  readonly row: Row;
  readonly configuration: RecipeOptions;
}

/** @throws {UsageError} if no validation split apart from the test split judges the recipes, or runs would not spend the budget */
export async function runRecipes(configuration: RecipeOptions, context: Context, team: Team): Promise<Result> {
  requireValidation(configuration);
  requireWholeRuns(configuration);
  const folder = `${configuration.runs}/${configuration.run}-recipe`;
  await prepareData(configuration, context, team);
  if (team.size > 1) {
    const { budget, recipes } = configuration;
    await sameInAll(team, { ...await trainingTraits(configuration), experiment: "recipe", budget, recipes });
  }
  const { training: dataset } = trainingSplits(await loadDataset(configuration), configuration);
  const rows = rowsOf(configuration, dataset);
  for (const { recipe, budget, epochs, pflop } of rows) {
    context.log(`experiment: ${recipe} under ${budget} PFLOP: ${epochs} epochs, ${pflop.toPrecision(3)} PFLOP`);
  }
  const runs = runsOf(rows, { ...configuration, threads: threadsOf(team, configuration.threads), runs: folder });
  const write = (accuracies: Float64Array) => writeResults(folder, configuration, dataset, resultsOf(runs, accuracies));
  const accuracies = await inTurns(runs, team, context, (run) => accuracyOf(run.configuration, context), write);
  if (team.rank > 0) return {};
  const written = await write(accuracies);
  context.print(await Deno.readTextFile(written.table));
  return { ...written };
}

function requireValidation({ validation }: Pick<RecipeOptions, "validation">): void {
  const choice = parseValidation(validation);
  if (choice !== "test" && choice !== "none") return;
  throw new UsageError(
    `--validation ${validation}: experiment recipe judges by images that are neither trained on nor tested on; ` +
      "name a share of the training images, such as --validation 0.1",
  );
}

/** @throws {UsageError} naming a flag that shortens runs or makes their steps cheaper: they would not spend the budget */
function requireWholeRuns({ maxSteps, patience, sizes }: RecipeOptions): void {
  const changed = [
    ...(maxSteps === undefined ? [] : [`--max-steps ${maxSteps}`]),
    ...(patience === undefined ? [] : [`--patience ${patience}`]),
    ...(sizes === "none" ? [] : [`--sizes ${sizes}`]),
  ][0];
  if (changed === undefined) return;
  throw new UsageError(`${changed}: experiment recipe trains for all of --budget, at equal compute; leave it out`);
}

/** The chosen recipes under each budget. */
function rowsOf(configuration: RecipeOptions, dataset: TrainingData): Row[] {
  const budgets = [...new Set((configuration.budget ?? DEFAULT_BUDGET).split(",").map(Number))];
  return chosenRecipes(configuration).flatMap((recipe) => rowsOfRecipe(recipe, budgets, configuration, dataset));
}

/** @throws {UsageError} naming a recipe that does not exist */
function chosenRecipes({ recipes: chosen }: Pick<RecipeOptions, "recipes">): readonly Recipe[] {
  if (chosen === undefined) return recipes;
  const names = chosen.split(",");
  const unknown = names.find((name) => !recipeNames.includes(name));
  if (unknown !== undefined) {
    const hint = didYouMean(nearest(unknown, recipeNames));
    throw new UsageError(`--recipes: "${unknown}" is not one of ${recipeNames.join(", ")}${hint}`);
  }
  return recipes.filter(({ name }) => names.includes(name));
}

function rowsOfRecipe(
  { name, settings, sizes = [] }: Recipe,
  budgets: readonly number[],
  given: RecipeOptions,
  dataset: TrainingData,
): Row[] {
  const configuration = { ...given, ...settings };
  const net = networkOf(configuration, dataset), [whole, , channels] = dataset.imageShape;
  const flop = new Map([whole, ...sizes.map(({ side }) => side)].map((side) => [
    side,
    stepFlop(configuration, net, [side, side, channels]),
  ]));
  const costs = {
    whole,
    stepsPerEpoch: Math.floor(dataset.train.count / configuration.batch),
    stepFlop: (side: number) => flop.get(side)!,
  };
  return budgets.map((budget) => {
    const scaled = scaledTo(budget, name, sizes, costs);
    return { recipe: name, network: net.title, budget, settings, ...scaled };
  });
}

/** Every row with every seed; the seeds of a row are not together, so that the first table has every row. */
function runsOf(rows: readonly Row[], configuration: RecipeOptions): RecipeRun[] {
  const { seed: first, seeds } = configuration;
  return Array.from({ length: seeds }, (_, at) => first + at).flatMap((seed) =>
    rows.map((row) => {
      const { recipe, budget, settings, epochs, sizes } = row;
      const own = { run: `${recipe}-${budget}-seed${seed}`, seed, epochs, distributed: "none" } as const;
      return { row, configuration: { ...configuration, ...settings, ...(sizes !== "none" && { sizes }), ...own } };
    })
  );
}

/** Trains a run unless that is done; returns its validation accuracy after the last epoch. */
async function accuracyOf(configuration: RecipeOptions, context: Context): Promise<number> {
  await trainAlone(configuration, context);
  const { metrics } = runPaths(configuration);
  const last = (await readMetrics(metrics)).epochs.at(-1);
  if (last?.validationAccuracy === undefined) {
    throw new UsageError(`${metrics} has no validation; begin the experiment again with --force`);
  }
  return last.validationAccuracy;
}

/** @param accuracies those of the first runs */
function resultsOf(runs: readonly RecipeRun[], accuracies: Float64Array): RecipeResult[] {
  const byRow = Map.groupBy(accuracies.keys(), (at) => runs[at]!.row);
  return [...byRow].map(([{ recipe, network, budget, pflop, epochs }, places]) =>
    recipeResult({ recipe, network, budget, pflop, epochs, accuracies: places.map((at) => accuracies[at]!) })
  );
}

async function writeResults(
  folder: string,
  { batch }: RecipeOptions,
  dataset: TrainingData,
  results: readonly RecipeResult[],
) {
  const { train, name } = dataset;
  const size = `${name}, ${train.count} training images, batch ${batch}; validation accuracy after the last epoch.`;
  const paths = { table: `${folder}/recipe.md`, file: `${folder}/recipe.json`, figure: `${folder}/recipe.svg` };
  await writeJson(paths.file, { size, results: bestFirst(results) });
  await writeFileAtomic(paths.table, recipeTable(size, results));
  await writeFileAtomic(paths.figure, await drawRecipes(results, `Recipes on ${name}`));
  return { results: bestFirst(results), ...paths };
}
