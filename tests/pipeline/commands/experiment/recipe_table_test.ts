import assert from "#assert";
import { bestFirst, recipeResult, recipeTable } from "../../../../pipeline/commands/experiment/recipe_table.ts";
import { assertClose } from "../../../support/assert_close.ts";

const result = (recipe: string, budget: number, accuracies: readonly number[]) =>
  recipeResult({ recipe, network: "ShakeNet-8 2x8d", budget, pflop: budget / 3, epochs: 7, accuracies });
const results = [result("plain", 2, [0.5, 0.6]), result("mixup", 2, [0.7, 0.7]), result("plain", 1, [0.4])];

Deno.test("a result has the mean of its seeds, and their deviation where there are two", () => {
  assertClose([results[0]!.mean, results[0]!.deviation!], [0.55, Math.sqrt(0.005)], 1e-12);
  assert.equal(results[2]!.deviation, null);
});

Deno.test("budgets rise, and under each the best is first", () => {
  assert.deepEqual(bestFirst(results).map(({ budget, recipe }) => `${recipe} ${budget}`), [
    "plain 1",
    "mixup 2",
    "plain 2",
  ]);
});

Deno.test("the table has the difference from the first recipe under the same budget", () => {
  const lines = recipeTable("on a_b", results).trim().split("\n");
  assert.equal(lines[2], "on a\\_b");
  assert.deepEqual(lines.slice(6), [
    "| 1 | plain | ShakeNet-8 2x8d | 0.333 | 7 | 40.00 | +0.00 |  | 1 |",
    "| 2 | mixup | ShakeNet-8 2x8d | 0.667 | 7 | 70.00 | +15.00 | 0.00 | 2 |",
    "| 2 | plain | ShakeNet-8 2x8d | 0.667 | 7 | 55.00 | +0.00 | 7.07 | 2 |",
  ]);
});
