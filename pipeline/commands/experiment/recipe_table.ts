/**
 * The results of recipes at equal compute, as a table.
 *
 * @module
 */
import { markdownText } from "../../../export/markdown.ts";

/** A recipe under a budget, over its seeds. */
export interface RecipeResult {
  readonly recipe: string;
  /** Title of its network. */
  readonly network: string;
  /** In PFLOP. */
  readonly budget: number;
  /** PFLOP of its training steps. */
  readonly pflop: number;
  readonly epochs: number;
  /** Validation accuracies after the last epoch, 0 to 1, in the order of the seeds. */
  readonly accuracies: readonly number[];
  readonly mean: number;
  /** Standard deviation of the accuracies (divided by n - 1); null with a single one. */
  readonly deviation: number | null;
}

export type Measured = Omit<RecipeResult, "mean" | "deviation">;

export function recipeResult(measured: Measured): RecipeResult {
  const { accuracies } = measured, { length } = accuracies;
  const mean = accuracies.reduce((sum, accuracy) => sum + accuracy, 0) / length;
  const squares = accuracies.reduce((sum, accuracy) => sum + (accuracy - mean) ** 2, 0);
  return { ...measured, mean, deviation: length > 1 ? Math.sqrt(squares / (length - 1)) : null };
}

/** Sorts results: budgets rise, and under a budget the best recipe is first. */
export const bestFirst = (results: readonly RecipeResult[]): RecipeResult[] =>
  results.toSorted((a, b) => a.budget - b.budget || b.mean - a.mean);

/** The results as a table in Markdown; the difference is from the first recipe under the same budget. */
export function recipeTable(size: string, results: readonly RecipeResult[]): string {
  const percent = (accuracy: number) => (100 * accuracy).toFixed(2);
  const references = new Map(results.toReversed().map(({ budget, mean }) => [budget, mean]));
  const rows = bestFirst(results).map(({ recipe, network, budget, pflop, epochs, accuracies, mean, deviation }) => {
    const difference = 100 * (mean - references.get(budget)!);
    return [
      ...[`${budget}`, recipe, network, pflop.toPrecision(3), `${epochs}`, percent(mean)],
      `${difference >= 0 ? "+" : ""}${difference.toFixed(2)}`,
      deviation === null ? "" : percent(deviation),
      `${accuracies.length}`,
    ];
  });
  const heads = ["budget", "recipe", "network", "PFLOP", "epochs", "accuracy %", "difference", "deviation", "seeds"];
  const lines = [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `# Recipes at equal compute\n\n${markdownText(size)}\n\n${lines.join("\n")}\n`;
}
