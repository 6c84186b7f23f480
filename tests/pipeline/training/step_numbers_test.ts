import assert from "#assert";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { stepPlan } from "../../../pipeline/training/step_numbers.ts";
import { assertClose } from "../../support/assert_close.ts";
import { withDefaults } from "../../support/tiny_run.ts";

const dataset = { imageShape: [32, 32, 3] as const };
/** A run of 10 epochs of 8 steps. */
const planOf = (fields: Given) => stepPlan(withDefaults({ epochs: 10, ...fields }), dataset, 8);

Deno.test("a run without parts has the rate, all of shaking, its own images and no average", () => {
  const plan = planOf({ learningRate: 0.2, maxSteps: 3 });
  assert.equal(plan.steps, 80);
  assert.deepEqual(plan.at(40), {
    learningRate: 0.2 * 0.5 * (1 + Math.cos(Math.PI / 2)),
    shakeStrength: 1,
    ...dataset,
  });
});

Deno.test("shaking follows its plan over all epochs", () => {
  const plan = planOf({ shakeStrength: "0.25:0,0.75:1" });
  assertClose([0, 20, 40, 60, 79].map((step) => plan.at(step).shakeStrength!), [0, 0, 0.5, 1, 1], 1e-12);
});

Deno.test("images have the size of their epoch", () => {
  const plan = planOf({ sizes: "16:1,24:2" });
  assert.deepEqual([0, 7, 8, 23, 24].map((step) => plan.at(step).imageShape[0]), [16, 16, 24, 24, 32]);
});

Deno.test("an equal average takes weights each epoch by default, and then needs statistics of its own", () => {
  const plan = planOf({ averaging: "swa", averageFrom: 0.5 });
  const keeps = Array.from({ length: 80 }, (_, step) => plan.at(step).average!.keep);
  assert.ok(keeps.slice(0, 48).every((keep) => keep === 0), "it follows the run");
  assertClose([47, 48, 55, 63, 71, 79].map((step) => keeps[step]!), [0, 1, 1 / 2, 2 / 3, 3 / 4, 4 / 5], 1e-12);
  assert.deepEqual([47, 48, 80].map((step) => plan.needsStatistics(step)), [false, true, true]);
  assert.ok(!planOf({ averaging: "ema" }).needsStatistics(80));
});

Deno.test("an equal average takes weights at the distance of --average-every", () => {
  const plan = planOf({ averaging: "swa", averageFrom: 0.5, averageEvery: 4 });
  assertClose([43, 44, 47, 51].map((step) => plan.at(step).average!.keep), [0, 1, 1 / 2, 2 / 3], 1e-12);
});
