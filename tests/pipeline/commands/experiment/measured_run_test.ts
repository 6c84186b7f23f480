import assert from "#assert";
import { filledTo, lengthOf, measuredRun, numbersOf } from "../../../../pipeline/commands/experiment/measured_run.ts";

Deno.test("the measures of a run come back from their numbers", () => {
  const size = { epochs: 3, blocks: 2 };
  const run = { error: 9, errors: [NaN, 12, 10], trainingErrors: [50, 40, 30], correlations: [0.5, -0.25] };
  assert.equal(numbersOf(run).length, lengthOf(size));
  assert.deepEqual(measuredRun(Float64Array.from(numbersOf(run)), size), run);
});

Deno.test("numbers that are missing are NaN, and those beyond the count are left out", () => {
  assert.deepEqual([filledTo(3, [1]), filledTo(1, [1, 2])], [[1, NaN, NaN], [1]]);
});
