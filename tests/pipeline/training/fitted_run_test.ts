import assert from "#assert";
import { epochsFor, fittedRun, largestBatch } from "../../../pipeline/training/fitted_run.ts";
import { makeCheckpointFolder } from "../../../pipeline/run/checkpoint.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { readRunConfiguration, writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("a time has as many epochs as fit in 95 % of it, and at least one", () => {
  assert.deepEqual([epochsFor(100, 9.5), epochsFor(100, 9.6), epochsFor(1, 10)], [10, 9, 1]);
});

Deno.test("a batch that is larger than the training split becomes the largest power of two in it, and the run says so", () =>
  inTemporaryFolder(async (folder) => {
    assert.deepEqual([1, 2, 45, 64].map(largestBatch), [1, 2, 32, 64]);
    const configuration = await tinyRun(folder, { batch: 64, maxSteps: 1 });
    const context = testContext();
    await trainStage(configuration, context);
    const line = "train: --batch 64 is more than the 45 training images, so a batch has 32";
    assert.ok(context.lines.includes(line), context.lines.join("\n"));
    assert.equal((await readRunConfiguration(runPaths(configuration))).batch, 32);
    const { upToDate } = await trainStage(configuration, testContext());
    assert.equal(upToDate, true, "the same command finds the run up to date");
  }));

Deno.test("a time becomes a number of epochs, which the run keeps", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { batch: 20 });
    const context = testContext();
    const fitted = await fittedRun({ ...configuration, time: "1s" }, context);
    assert.ok(fitted.epochs >= 1);
    assert.ok(!("time" in fitted), "the number alone is recorded");
    assert.ok(context.lines.some((line) => /images\/s, so \d+ epochs end in 1s/.test(line)), context.lines.join("\n"));
    await writeRunConfiguration({ ...configuration, epochs: 12_345 });
    const epochsNow = async () => (await fittedRun({ ...configuration, time: "1s" }, testContext())).epochs;
    assert.notEqual(
      await epochsNow(),
      12_345,
      "a run without a checkpoint begins anew, with the time that is named now",
    );
    const { last } = runPaths(configuration);
    await makeCheckpointFolder({ last });
    await Deno.writeTextFile(last, "");
    assert.equal(await epochsNow(), 12_345);
  }));

Deno.test("a warm-up that is as long as the epochs of a time is refused, one beyond the default epochs is not", () =>
  inTemporaryFolder(async (folder) => {
    const timed = { ...await tinyRun(folder, { time: "1s", warmupEpochs: 2000 }), time: "1s" };
    const { last } = runPaths(timed);
    await makeCheckpointFolder({ last });
    await Deno.writeTextFile(last, "");
    await writeRunConfiguration({ ...timed, epochs: 2001 });
    assert.equal((await fittedRun(timed, testContext())).epochs, 2001);
    await writeRunConfiguration({ ...timed, epochs: 2000 });
    await assert.rejects(
      fittedRun(timed, testContext()),
      (error) =>
        error instanceof UsageError &&
        error.message === "--warmup-epochs: 2000 is not below the 2000 epochs that --time 1s gives",
    );
  }));

Deno.test("a time with several processes is refused", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await assert.rejects(
      fittedRun({ ...configuration, distributed: "mpi", time: "1h" }, testContext()),
      (error) => error instanceof UsageError && /name --epochs instead/.test(error.message),
    );
  }));
