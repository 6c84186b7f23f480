import assert from "#assert";
import { selectEngine } from "../../engine/select.ts";
import { convolutionTrial } from "../../engine/trial.ts";

Deno.test("the trial gives a number for each image", async () => {
  const { engine } = await selectEngine("onnxruntime", { device: "cpu" });
  const { seconds, result } = await convolutionTrial(engine);
  assert.ok(seconds > 0);
  assert.equal(result.length, 64);
  assert.ok(result.every((mean) => mean > 0 && Number.isFinite(mean)));
});
