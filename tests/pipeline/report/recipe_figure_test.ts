import assert from "#assert";
import { drawRecipes } from "../../../pipeline/report/recipe_figure.ts";

Deno.test("the figure has a line of points for each recipe, which say their numbers", async () => {
  const point = (recipe: string, pflop: number, mean: number) => ({ recipe, pflop, mean });
  const svg = await drawRecipes(
    [point("plain", 0.01, 0.4), point("plain", 0.02, 0.5), point("mixup", 0.02, 0.45)],
    "T",
  );
  for (const text of ["plain: 40.00 % after 0.0100 PFLOP", "plain: 50.00 % after 0.0200 PFLOP", "mixup: 45.00 %"]) {
    assert.ok(svg.includes(text), text);
  }
  assert.match(svg, /PFLOP of training/);
});
