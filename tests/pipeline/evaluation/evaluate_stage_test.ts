import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { evaluateStage } from "../../../pipeline/evaluation/evaluate_stage.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("an evaluation is printed and written, then up to date, until other views are asked for", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await trainStage(configuration, testContext());
    const first = testContext();
    const { upToDate, file, ...evaluation } = await evaluateStage(configuration, first);
    assert.equal(upToDate, false);
    assert.equal(file, runPaths(configuration).evaluation);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(String(file))), evaluation);
    assert.match(
      first.printed.join(),
      /^accuracy [\d.]+ % \(\d+ of 20\); top-5 [\d.]+ %; calibration error [\d.]+ %\nThe checkpoint was not chosen by its accuracy\.\n\nclass/,
    );
    const again = testContext();
    assert.deepEqual(await evaluateStage(configuration, again), { ...evaluation, file, upToDate: true });
    assert.deepEqual([again.lines, again.printed], [["evaluate: up to date"], []]);
    const views = testContext();
    await evaluateStage({ ...configuration, testTimeAugmentation: "flip" }, views);
    assert.match(views.printed.join(), /^accuracy .*\nwith views flip: accuracy [\d.]+ % \(\d+ of 20\); top-5 .*\n/);
    const { augmented, ...plain } = JSON.parse(await Deno.readTextFile(String(file)));
    assert.deepEqual(plain, { ...evaluation, testTimeAugmentation: "flip" });
    assert.equal(augmented.accuracy, augmented.correct / 20);
  }));

Deno.test("without a run the error names the command that trains it", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await assert.rejects(
      evaluateStage(configuration, testContext()),
      (error) =>
        error instanceof InputError &&
        /config\.json does not exist; run `deno task train --run tiny` first/.test(error.message),
    );
  }));

Deno.test("a large file that is no checkpoint is refused before the stage reads it", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 }), checkpoint = `${folder}/sparse`;
    await writeRunConfiguration(configuration);
    await Deno.writeFile(checkpoint, new Uint8Array());
    await Deno.truncate(checkpoint, 6 * 2 ** 30);
    const context = testContext();
    const says = /sparse is not a valid safetensors file: its header is not a JSON object$/;
    await assert.rejects(evaluateStage({ ...configuration, checkpoint }, context), says);
    await assert.rejects(trainStage({ ...configuration, init: checkpoint }, context), says);
    assert.deepEqual(context.lines, []);
  }));
