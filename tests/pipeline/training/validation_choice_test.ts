import assert from "#assert";
import { decodeDataset, encodeDataset } from "../../../data/dataset.ts";
import { isThere } from "../../../data/files/files.ts";
import { decodeSafetensors } from "../../../data/files/safetensors.ts";
import { exportStage } from "../../../pipeline/commands/export/mod.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import type { Configuration } from "../../../pipeline/configuration/fields.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { evaluateStage } from "../../../pipeline/evaluation/evaluate_stage.ts";
import { datasetPaths, runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { bytesOf, metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

/** The tensors and the position of a checkpoint, without the digest of the data. */
async function stateOf(configuration: Configuration, name: "last" | "best") {
  const { tensors, metadata } = decodeSafetensors(await bytesOf(configuration, name), name);
  const { settings: { data: _, ...settings }, ...position } = JSON.parse(metadata["position"]!);
  return { tensors, position, settings };
}

/** Inverts the pixels of the test split. */
async function changeTestPictures(configuration: Configuration): Promise<void> {
  const { decoded } = datasetPaths(configuration);
  const dataset = decodeDataset(await Deno.readFile(decoded), decoded);
  const images = dataset.test.images.map((byte) => 255 - byte);
  await Deno.writeFile(decoded, encodeDataset({ ...dataset, test: { ...dataset.test, images } }));
}

for (const validation of ["0.2", "11", "none"]) {
  Deno.test(`with --validation ${validation} other test pictures give the same checkpoints and metrics`, () =>
    inTemporaryFolder(async (folder) => {
      const schedule = validation === "none" ? "cosine" : "plateau";
      const fields = { validation, schedule, plateauEpochs: 0, epochs: 3 };
      const [one, other] = [
        await tinyRun(folder, { ...fields, run: "one" }),
        await tinyRun(folder, { ...fields, run: "other" }),
      ];
      await trainStage(one, testContext());
      await changeTestPictures(other);
      await trainStage(other, testContext());
      assert.deepEqual(await stateOf(other, "last"), await stateOf(one, "last"));
      if (validation !== "none") assert.deepEqual(await stateOf(other, "best"), await stateOf(one, "best"));
      assert.deepEqual(await metricsOf(other), await metricsOf(one));
    }));
}

Deno.test("the steps of an epoch are those of the pictures that are trained on", () =>
  inTemporaryFolder(async (folder) => {
    const context = testContext();
    // 45 images without 16, in batches of 10.
    const { step } = await trainStage(await tinyRun(folder, { validation: "16" }), context);
    assert.equal(step, 2 * 2);
    assert.match(context.lines.join("\n"), /^train: validation on 16 images held out of .*; 29 are trained on$/m);
  }));

Deno.test("with --validation none there is no best checkpoint, and evaluate and export take the last", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { validation: "none", parityImages: 2 });
    const context = testContext();
    const { best, checkpoints } = await trainStage(configuration, context);
    const { last, best: bestPath, evaluation, models } = runPaths(configuration);
    assert.deepEqual([best, checkpoints, await isThere(bestPath)], [null, { last }, false]);
    assert.match(context.lines.join("\n"), /^train: no validation \(--validation none\): the last checkpoint counts$/m);
    const epochs = (await metricsOf(configuration)).filter(({ epoch }) => epoch);
    assert.deepEqual(epochs.map((epoch) => Object.keys(epoch)), [
      ["epoch", "step", "trainLoss", "trainAccuracy"],
      ["epoch", "step", "trainLoss", "trainAccuracy"],
    ]);
    await evaluateStage(configuration, testContext());
    const { checkpoint, chosenOn, images } = JSON.parse(await Deno.readTextFile(evaluation));
    assert.deepEqual({ checkpoint, chosenOn, images }, { checkpoint: "last", chosenOn: "none", images: 20 });
    await exportStage(configuration, testContext());
    assert.ok(await isThere(models.float32));
    assert.deepEqual((await trainStage(configuration, testContext()))["upToDate"], true);
  }));

Deno.test("a best checkpoint says which images chose it", () =>
  inTemporaryFolder(async (folder) => {
    const chosen = [];
    for (const validation of ["0.2", "test"]) {
      const configuration = await tinyRun(folder, { validation, run: `on-${validation}` });
      await trainStage(configuration, testContext());
      const context = testContext();
      chosen.push((await evaluateStage(configuration, context))["chosenOn"]);
      const says = validation === "test" ? /chosen on the test images themselves/ : /apart from the test images/;
      assert.match(context.printed.join(), says);
    }
    assert.deepEqual(chosen, ["validation", "test"]);
  }));

Deno.test("a run is not resumed with another --validation; runs that recorded none have validated on the test split", () =>
  inTemporaryFolder(async (folder) => {
    const refused = (configuration: Configuration, validation: string, says: string) =>
      assert.rejects(
        trainStage({ ...configuration, validation }, testContext({ resume: true })),
        (error) => error instanceof UsageError && error.message.startsWith(says),
      );
    const held = await tinyRun(folder, { run: "held", validation: "0.2", maxSteps: 1 });
    await trainStage(held, testContext());
    await refused(held, "0.3", 'the run held was begun with validation "0.2", not "0.3"; ');
    await refused(held, "test", 'the run held was begun with validation "0.2", not "test"; ');
    const earlier = await tinyRun(folder, { run: "earlier", validation: "test", maxSteps: 1 });
    await trainStage(earlier, testContext());
    const { settings } = await stateOf(earlier, "last");
    assert.ok(!("validation" in settings), "as earlier versions recorded it");
    await refused(earlier, "0.2", 'the run earlier was begun with validation "test", not "0.2"; ');
  }));

Deno.test("config.json repeats a run with held out pictures", () =>
  inTemporaryFolder(async (folder) => {
    const first = await tinyRun(folder, { validation: "0.2", run: "first", epochs: 1 });
    await trainStage(first, testContext());
    const path = runPaths(first).configuration;
    const values = JSON.parse(await Deno.readTextFile(path));
    const again = resolveConfiguration("quick", { path, values }, { run: "again" });
    await trainStage(again, testContext());
    assert.deepEqual(await bytesOf(again, "best"), await bytesOf(first, "best"));
  }));
