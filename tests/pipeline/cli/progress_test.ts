import assert from "#assert";
import { countText, startProgress } from "../../../pipeline/cli/progress.ts";
import { testContext } from "../../support/tiny_run.ts";

Deno.test("a count names its unit, bytes in MB", () => {
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
