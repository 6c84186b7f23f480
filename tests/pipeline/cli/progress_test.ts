import assert from "node:assert/strict";
import { Pace } from "../../../pipeline/cli/pace.ts";
import { countText, startProgress } from "../../../pipeline/cli/progress.ts";
import { durationText, rateText } from "../../../pipeline/cli/quantity.ts";
import { testContext } from "../../support/tiny_run.ts";

Deno.test("the rate is that of the last ten seconds, the time left that of the whole job", () => {
  const pace = new Pace(100, 0, 50);
  assert.deepEqual(pace.at(0, 50), { rate: undefined, left: undefined });
  assert.deepEqual(pace.at(10, 60), { rate: 1, left: 90 });
  // Twice as fast from here on.
  assert.deepEqual(pace.at(20, 65), { rate: 20 / 15, left: 80 * 15 / 20 });
  assert.deepEqual(pace.at(30, 70), { rate: 2, left: 70 * 20 / 30 });
});

Deno.test("what an earlier run of the job did counts neither for the rate nor for the time left", () => {
  const pace = new Pace(100, 80, 0);
  assert.deepEqual(pace.at(80, 1), { rate: undefined, left: undefined });
  assert.deepEqual(pace.at(82, 4), { rate: 0.5, left: 36 });
});

Deno.test("quantities", () => {
  assert.deepEqual([12.4, 200, 3900, 90_000].map(durationText), ["12s", "3m20s", "1h05m", "25h00m"]);
  assert.deepEqual([0.5213, 5.213, 52.13, 521.3].map(rateText), ["0.52", "5.21", "52.1", "521"]);
  assert.equal(countText(12_340_000, 170_498_071, "bytes"), "12.3/170.5 MB");
  assert.equal(countText(3, 12, "steps"), "3/12 steps");
});

Deno.test("quiet, a job says nothing but what is logged", () => {
  const context = testContext();
  const progress = startProgress({ label: "train", total: 2, unit: "steps" }, context);
  progress.update(1, "loss 1");
  const part = progress.part({ label: "validate", total: 5, unit: "images" });
  part.update(5);
  part.stop();
  progress.log("epoch 1");
  progress.stop();
  assert.deepEqual(context.lines, ["epoch 1"]);
});
