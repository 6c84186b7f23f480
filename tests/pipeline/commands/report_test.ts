import assert from "#assert";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { exportModel } from "../../../pipeline/commands/export/mod.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { report } from "../../../pipeline/commands/report.ts";
import { readRun } from "../../../pipeline/report/read_run.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";

Deno.test("training ends with a page that needs nothing else; evaluated and compared, it has the rest", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { run: "first" });
    const { report: path } = runPaths(configuration);
    const result = await train.run(configuration, testContext());
    assert.equal(result["report"], path);
    const trained = await Deno.readTextFile(path);
    assert.match(trained, /Learning curves/);
    assert.match(trained, /src="data:image\/png/);
    assert.doesNotMatch(trained, /Confusion matrix|<script|(src|href)="(?!data:)/);

    await evaluate.run(configuration, testContext());
    const other = await tinyRun(folder, { run: "other", shake: "even-even-batch", maxSteps: 3 });
    await trainStage(other, testContext());
    await report.run({ ...configuration, compare: "other" }, testContext());
    const compared = await Deno.readTextFile(path);
    for (
      const text of ["Confusion matrix", "Calibration", "Mistakes", "even-even-batch", "data:image/webp"]
    ) {
      assert.ok(compared.includes(text), text);
    }
    const again = testContext();
    await report.run({ ...configuration, compare: "other" }, again);
    assert.deepEqual(again.lines, ["report: up to date"]);
    await report.run(configuration, again);
    assert.match(again.lines[1]!, /^report: running \(runs changed/);
  }));

Deno.test("a report without the data set has no pictures; a damaged file is named, and does not fail the training", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2 });
    await trainStage(configuration, testContext());
    const { report: path, evaluation } = runPaths(configuration);
    await report.run({ ...configuration, cache: `${folder}/nowhere` }, testContext());
    assert.doesNotMatch(await Deno.readTextFile(path), /data:image/);
    await Deno.writeTextFile(evaluation, '{"accuracy": 2}');
    const says = /evaluation\.json is not as `deno task evaluate --run tiny --runs \S+` writes it/;
    await assert.rejects(report.run(configuration, testContext()), says);
    const context = testContext();
    const result = await train.run(configuration, context);
    assert.equal(result["report"], null);
    assert.match(context.lines.at(-1)!, says);
  }));

Deno.test("a run's sessions are kept: engine, steps, time and rate", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 3 });
    await trainStage(configuration, testContext());
    await trainStage({ ...configuration, maxSteps: 5 }, testContext({ resume: true }));
    const { sessions } = await readRun(configuration);
    assert.deepEqual(sessions.map(({ begin, end }) => [begin.step, begin.steps, end?.step]), [[0, 3, 3], [3, 5, 5]]);
    assert.ok(sessions.every(({ begin, end }) => /^onnxruntime/.test(begin.engine) && end!.imagesPerSecond > 0));
    await trainStage(configuration, testContext({ force: true }));
    assert.equal((await readRun(configuration)).sessions.length, 1, "a run begun anew leaves its sessions behind");
  }));

Deno.test("a report names the steps that were done, not those of the last epoch or the last line of metrics", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 7, logEvery: 5 });
    await train.run(configuration, testContext());
    // Four steps an epoch; lines of metrics at steps 4 and 5.
    assert.match(await Deno.readTextFile(runPaths(configuration).report), /<dt>Steps<\/dt>\s*<dd>7</);
  }));

Deno.test("a comparison of runs on different data says so, and shows pictures of each run's own data alone", () =>
  inTemporaryFolder(async (folder) => {
    await writeClasses(`${folder}/pictures`, ["a", "b"]);
    const first = tinyFolder(folder, { maxSteps: 1, run: "first" });
    await preprocess.run(first, testContext());
    await trainStage(first, testContext());
    const same = { ...first, run: "same", seed: 2 };
    await trainStage(same, testContext());
    const { report: page } = runPaths(first);
    const compare = async (run: string) => {
      const context = testContext();
      await report.run({ ...first, compare: run }, context);
      return { lines: context.lines.join("\n"), text: await Deno.readTextFile(page) };
    };
    const alike = await compare("same");
    assert.doesNotMatch(alike.lines + alike.text, /different data/);

    await Deno.rename(`${folder}/pictures/b`, `${folder}/pictures/z`);
    const other = { ...first, run: "other" };
    await preprocess.run(other, testContext());
    await trainStage(other, testContext());
    const { lines, text } = await compare("other");
    const says =
      /These runs were trained on different data, and their accuracies .* do not compare: first \(pictures, 2/;
    for (const place of [lines, text]) {
      assert.match(place, says);
      assert.match(
        place,
        /Without pictures: .* is other data than the run first was trained on: .* now without b and with z/,
      );
    }
    assert.equal(text.match(/<h2>Augmentation<\/h2>/g)!.length, 1, "of the other run");
  }));

Deno.test("evaluate refreshes a report that is there, with the runs that it compares", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const other = { ...configuration, run: "other" };
    const { report: page } = runPaths(configuration);
    await trainStage(configuration, testContext());
    await trainStage(other, testContext());
    await evaluate.run(configuration, testContext());
    await assert.rejects(Deno.stat(page), Deno.errors.NotFound, "no report is written where none was");
    await report.run({ ...configuration, compare: "other" }, testContext());
    await evaluate.run({ ...configuration, checkpoint: "last", testTimeAugmentation: "flip" }, testContext());
    const text = await Deno.readTextFile(page);
    assert.match(text, /Checkpoint last, after step 1/);
    assert.match(text, /<h1>tiny, other<\/h1>/);
  }));

Deno.test("an evaluation and an export of an earlier checkpoint are left out, with the command that makes new ones", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const { report: page } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    await exportModel.run(configuration, testContext());
    const before = await Deno.readTextFile(page);
    assert.match(before, /Test accuracy[^]*<h2>Exported model/);
    const context = testContext({ force: true });
    await train.run({ ...configuration, seed: 2 }, context);
    const after = await Deno.readTextFile(page);
    assert.doesNotMatch(after, /Test accuracy|<h2>Exported model/);
    for (const task of ["evaluate", "export"]) {
      const says = new RegExp(
        `it is of an earlier checkpoint of the run tiny; run \`deno task ${task} --run tiny --runs \\S+\``,
      );
      assert.match(after, says);
      assert.match(context.lines.join("\n"), says);
    }
  }));
