import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { shapeNames } from "../../../data/shapes.ts";
import { evaluateCheckpoint } from "../../../pipeline/evaluation/evaluate_checkpoint.ts";
import { readCheckpoint, writeCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("an evaluation has every test image, and names the checkpoint", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2 });
    await trainStage(configuration, testContext());
    const options = { ...configuration, checkpoint: "last" };
    const { images, correct, accuracy, step, checkpoint, classes, calibration, mistakes } = await evaluateCheckpoint(
      options,
      runPaths(configuration),
      configuration,
      testContext(),
    );
    assert.deepEqual([images, step, checkpoint], [20, 2, "last"]);
    assert.equal(classes.reduce((sum, { support }) => sum + support, 0), 20);
    assert.equal(calibration.bins.reduce((sum, { images }) => sum + images, 0), 20);
    assert.deepEqual([accuracy, mistakes.length], [correct / 20, 20 - correct]);
  }));

Deno.test("validation images fit a temperature for all test images, half of the test images one for the others, none none", () =>
  inTemporaryFolder(async (folder) => {
    for (
      const [validation, fittedOn, measured] of [["0.3", "validation", 20], ["test", "half of test", 10], ["none"]]
    ) {
      const configuration = await tinyRun(folder, { run: `v${validation}`, validation, maxSteps: 1, epochs: 1 });
      await trainStage(configuration, testContext());
      const options = { ...configuration, checkpoint: "last", wantedPrecision: 0.5 };
      const { calibrated } = await evaluateCheckpoint(options, runPaths(configuration), configuration, testContext());
      assert.deepEqual([calibrated?.fittedOn, calibrated?.images], [fittedOn, measured], `${validation}`);
      if (calibrated) assert.equal(calibrated.wantedPrecision, 0.5);
    }
  }));

Deno.test("a checkpoint whose logits are not finite is refused", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await trainStage(configuration, testContext());
    const { best } = runPaths(configuration);
    const { position, state } = await readCheckpoint(best, networkOf(configuration, { labels: shapeNames }), "");
    const kernel = state["weights/stem/conv/kernel"]!;
    const huge = { ...kernel, data: new Float32Array(kernel.data.length).fill(3e38) };
    await writeCheckpoint(best, { position, state: { ...state, "weights/stem/conv/kernel": huge } });
    await assert.rejects(
      evaluateCheckpoint(configuration, runPaths(configuration), configuration, testContext()),
      (error) =>
        error instanceof InputError && /best\.safetensors gives logits that are not finite/.test(error.message),
    );
  }));
