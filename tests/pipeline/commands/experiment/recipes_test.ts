import assert from "#assert";
import { parseSizePlan } from "../../../../data/picture_sizes.ts";
import { recipeNames, recipes } from "../../../../pipeline/commands/experiment/recipes.ts";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";

Deno.test("names differ, and name folders", () => {
  assert.equal(new Set(recipeNames).size, recipes.length);
  assert.ok(recipeNames.every((name) => /^[a-z0-9-]+$/.test(name)));
});

for (const { name, settings, sizes = [] } of recipes) {
  Deno.test(`the settings of ${name} are valid`, () => {
    resolveConfiguration("cifar10-tiny", undefined, settings);
    parseSizePlan(sizes.map(({ side }) => `${side}:1`).join() || "none");
    assert.ok(sizes.reduce((sum, { share }) => sum + share, 0) < 1);
  });
}
