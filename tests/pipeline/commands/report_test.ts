import assert from "#assert";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { report } from "../../../pipeline/commands/report.ts";
import { readRun } from "../../../pipeline/report/read_run.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

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
      const text of ["Confusion matrix", "Calibration", "Most confident mistakes", "even-even-batch", "data:image/webp"]
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
    const says = /evaluation\.json is not as `deno task evaluate` writes it/;
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
