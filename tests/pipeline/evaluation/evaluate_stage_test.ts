import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { evaluateStage } from "../../../pipeline/evaluation/evaluate_stage.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import type { Mistakes } from "../../../pipeline/run/mistakes_file.ts";
import { writePlain } from "../../support/colour_pictures.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";
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
      /^accuracy [\d.]+ % \(\d+ of 20\); top-5 [\d.]+ %; calibration error [\d.]+ %\nbalanced accuracy [\d.]+ %; macro F1 [\d.]+ %\nThe checkpoint was not chosen by its accuracy\.\ntemperature [\d.]+, fitted on 10 test images.*\n[^]*\n\nclass/,
    );
    const again = testContext();
    assert.deepEqual(await evaluateStage(configuration, again), { ...evaluation, file, upToDate: true });
    assert.deepEqual([again.lines, again.printed], [["evaluate: up to date"], first.printed]);
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
        /config\.json does not exist; run `deno task train --run tiny --runs \S+` first/.test(error.message),
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

Deno.test("every mistake is listed with its file, classes and probabilities; damaged pictures shift no name", () =>
  inTemporaryFolder(async (folder) => {
    const pictures = `${folder}/pictures`, classes = ["=a", "b"];
    for (const split of ["train", "test"]) await writeClasses(`${pictures}/${split}`, classes);
    await Deno.writeTextFile(`${pictures}/test/=a/00.png`, "no picture");
    // A picture of the other class's colour is a mistake of any network that has learned the colours.
    await writePlain(`${pictures}/test/=a/wrong.png`, [60, 3, 30], 16, 8);
    const configuration = tinyFolder(folder, { unreadable: "skip", maxSteps: 1 });
    await preprocess.run(configuration, testContext());
    await trainStage(configuration, testContext());
    const context = testContext();
    const { images, correct } = await evaluateStage(configuration, context) as { images: number; correct: number };
    assert.equal(images, 25);
    const { mistakes: path, mistakesTable } = runPaths(configuration);
    const { mistakes, folder: named } = JSON.parse(await Deno.readTextFile(path)) as Mistakes;
    assert.equal(named, pictures);
    assert.equal(mistakes.length, images - correct);
    assert.ok(mistakes.length > 0);
    const files = [
      ...["0", "1", "10", "11", "2", "3", "4", "5", "6", "7", "8", "9", "wrong"].map((name) => `test/=a/${name}.png`),
    ];
    for (const { image, file, actual, predicted, probability, actualProbability } of mistakes) {
      assert.equal(file!.split("/")[1], actual);
      if (actual === "=a") assert.equal(file, files[image]);
      assert.ok(actual !== predicted && probability >= actualProbability);
    }
    const rows = (await Deno.readTextFile(mistakesTable)).trim().split("\r\n");
    assert.equal(rows[0], "file,image,actual,predicted,probability,actual_probability");
    assert.equal(rows.length, mistakes.length + 1);
    assert.match(rows[1]!, /^test\/(=a|b)\/\w+\.png,\d+,('=a|b),('=a|b),0\.\d+,0\.\d+/);
    assert.match(context.lines.join("\n"), /mistakes\.csv and \S+mistakes\.json list the \d+ mistakes/);
  }));

Deno.test("records have no files: their mistakes have the index alone", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await trainStage(configuration, testContext());
    await evaluateStage(configuration, testContext());
    const { mistakes, folder: named } = JSON.parse(
      await Deno.readTextFile(runPaths(configuration).mistakes),
    ) as Mistakes;
    assert.equal(named, undefined);
    assert.ok(mistakes.length > 0 && mistakes.every(({ file, image }) => file === undefined && image < 20));
  }));
