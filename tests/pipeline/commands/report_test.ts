import assert from "node:assert/strict";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { report } from "../../../pipeline/commands/report.ts";
import { curvesOf, thinned } from "../../../pipeline/report/curve_points.ts";
import { html } from "../../../pipeline/report/markup.ts";
import type { RunData } from "../../../pipeline/report/read_run.ts";
import { readRun } from "../../../pipeline/report/read_run.ts";
import { imagesPerSecond, parityTable } from "../../../pipeline/report/tables.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("values in HTML are text, pieces of HTML and lists of them are not", () => {
  const evil = `<script>"&'`;
  assert.equal(
    html`<p title="${evil}">${evil}</p>`.text,
    '<p title="&lt;script&gt;&quot;&amp;&#39;">&lt;script&gt;&quot;&amp;&#39;</p>',
  );
  assert.equal(html`${[html`<b>${1}</b>`, undefined, false, " a"]}`.text, "<b>1</b> a");
});

Deno.test("a long curve is thinned to means, a short one is left as it is", () => {
  const samples = Array.from({ length: 10 }, (_, at) => ({ at, value: 2 * at }));
  assert.deepEqual(thinned(samples, 10), samples);
  assert.deepEqual(thinned(samples, 4), [{ at: 1, value: 2 }, { at: 4, value: 8 }, { at: 7, value: 14 }, {
    at: 9,
    value: 18,
  }]);
});

const epoch = (epoch: number, step: number) => ({
  ...{ epoch, step, trainLoss: 2, trainAccuracy: 0.1, validationLoss: 1, validationAccuracy: 0.2 },
});
const step = (step: number) => ({ step, loss: 2, accuracy: 0.1, learningRate: 0.1 });
const runOf = (data: Partial<RunData>): RunData => ({
  ...{ name: "a", steps: [], epochs: [], sessions: [], evaluation: undefined, parity: undefined },
  ...{ correlations: undefined, configuration: {} as RunData["configuration"] },
  ...data,
});

Deno.test("curves are over epochs where all runs say how long one is, else over steps", () => {
  const long = runOf({ steps: [step(5), step(10)], epochs: [epoch(1, 10), epoch(2, 20)] });
  const short = runOf({ name: "b", steps: [step(2)] });
  assert.deepEqual(curvesOf([long]).learningRate.map(({ at }) => at), [0.5, 1]);
  assert.equal(curvesOf([long]).unit, "epoch");
  const { unit, learningRate } = curvesOf([long, short]);
  assert.deepEqual([unit, learningRate.map(({ run, at }) => [run, at])], ["step", [["a", 5], ["a", 10], ["b", 2]]]);
});

Deno.test("the rate of a run is that of its sessions that ended, by their time", () => {
  const begin = { event: "begin", time: "", engine: "e", step: 0, steps: 100, stepsPerEpoch: 10, batch: 4 } as const;
  const end = { event: "end", time: "", step: 10, seconds: 5, imagesPerSecond: 8 } as const;
  const second = { ...begin, step: 10 }, secondEnd = { ...end, step: 40, seconds: 15 };
  assert.equal(imagesPerSecond([{ begin, end }, { begin: second, end: secondEnd }, { begin }]), 8);
  assert.equal(imagesPerSecond([{ begin }]), undefined);
});

Deno.test("the exported model and its forms of lower precision stand in one table", () => {
  const speed = { threads: 2, batch: 128, imagesPerSecond: 512, millisecondsForOne: 1 };
  const file = { bytes: 640_602, images: 64, maxAbsoluteDifference: 1e-6, top1Agreement: 1, passed: true };
  const float32 = { ...file, precision: "float32" as const, speed: { ...speed, imagesPerSecond: 300 } };
  const loss = { accuracy: 0.9, accuracyLoss: 4.6, allowedAccuracyLoss: 0.5, passed: false };
  const text = parityTable({
    ...float32,
    ...{ opset: 17, tolerance: 1e-4, checkpoint: "best", input: "uint8-nhwc" },
    accuracy: { reference: 0.9, exported: 0.9 },
    test: { images: 1000, accuracy: 0.946 },
    reduced: { int8: { ...file, ...loss, precision: "int8", speed } },
  }).text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
  assert.match(text, /Opset 17, input uint8-nhwc\./);
  assert.match(text, /float32 0\.6 MB 300 94\.60 % 1\.0e-6 100\.00 % yes/);
  assert.match(text, /int8 0\.6 MB 512 90\.00 % 1\.0e-6 100\.00 % no/);
});

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
