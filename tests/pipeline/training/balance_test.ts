/** Class weights, balanced sampling, the criterion of the best checkpoint and patience, as options of runs. */
import assert from "#assert";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { readLastCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { readMetrics } from "../../../pipeline/run/metrics_log.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { shapeNames } from "../../../data/shapes.ts";
import { bytesOf, metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { trainUntil } from "../../support/train_until.ts";

for (const fields of [{ classWeights: "balanced", best: "macro-f1" }, { classSampling: "balanced", best: "loss" }]) {
  const name = Object.keys(fields)[0]!;
  Deno.test(`with ${name} a run stopped and resumed ends as one undisturbed, and another value is refused`, () =>
    inTemporaryFolder(async (folder) => {
      const whole = await tinyRun(folder, { run: "whole", ...fields });
      await trainStage(whole, testContext());
      const stopped = await tinyRun(folder, { run: "stopped", ...fields });
      await trainUntil(3, stopped);
      await trainStage(stopped, testContext({ resume: true }));
      for (const name of ["last", "best"] as const) {
        assert.deepEqual(await bytesOf(stopped, name), await bytesOf(whole, name), name);
      }
      assert.deepEqual(await metricsOf(stopped), await metricsOf(whole));
      const plain = await tinyRun(folder, { run: "plain" });
      await trainStage(plain, testContext());
      assert.notDeepEqual(await bytesOf(plain, "last"), await bytesOf(whole, "last"));
      const other = { ...stopped, classWeights: "none", classSampling: "natural", best: "accuracy" } as const;
      await assert.rejects(trainStage(other, testContext({ resume: true })), UsageError);
    }));
}

Deno.test("a run that validates every second epoch validates the last one too, and keeps its best", () =>
  inTemporaryFolder(async (folder) => {
    const run = await tinyRun(folder, { epochs: 3, validateEvery: 2 });
    await trainStage(run, testContext());
    const { epochs } = await readMetrics(runPaths(run).metrics);
    assert.deepEqual(epochs.map(({ validationLoss }) => validationLoss !== undefined), [false, true, true]);
    assert.ok(await Deno.stat(runPaths(run).best));
  }));

Deno.test("patience ends a run, whose result stands: it is resumed no further", () =>
  inTemporaryFolder(async (folder) => {
    // A rate that changes nothing: no validation is better than the first one.
    const run = await tinyRun(folder, {
      epochs: 6,
      patience: 2,
      learningRate: 1e-12,
      weightDecay: 0,
      best: "macro-f1",
    });
    const context = testContext();
    await trainStage(run, context);
    const epochs = async () => (await readMetrics(runPaths(run).metrics)).epochs.length;
    const last = await epochs();
    assert.ok(last < 6, `${last} epochs`);
    assert.ok(context.lines.some((line) => line.includes("for 2 epochs (--patience)")), context.lines.join("\n"));
    await trainStage(run, testContext({ resume: true }));
    assert.equal(await epochs(), last);
    const { position } = (await readLastCheckpoint(runPaths(run), networkOf(run, { labels: shapeNames }), () => {}))!;
    assert.equal(position.validatedEpochs, last);
  }));
