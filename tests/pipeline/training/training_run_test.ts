import assert from "#assert";
import { decodeSafetensors } from "../../../data/files/safetensors.ts";
import { compiledEngine } from "../../../engine/compiled.ts";
import { alone } from "../../../engine/distributed/process_group.ts";
import { initialise } from "../../../model/initialise.ts";
import { initialState } from "../../../model/training_step.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { readCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { firstPosition } from "../../../pipeline/training/position.ts";
import { teamOf } from "../../../pipeline/training/team.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { TrainingError } from "../../../pipeline/training/training_error.ts";
import { trainNetwork } from "../../../pipeline/training/training_run.ts";
import { failingEngine } from "../../support/failing_engine.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import { bytesOf, metricsOf } from "../../support/run_files.ts";
import { trainUntil } from "../../support/train_until.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("a run stopped and continued ends with the bytes of one never stopped", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await tinyRun(folder, { run: "whole", epochs: 6 });
    await trainStage(whole, testContext());
    const stopped = await tinyRun(folder, { run: "stopped", epochs: 6 });
    await trainUntil(3, stopped);
    const context = testContext({ resume: true });
    await trainUntil(10, stopped, true);
    await trainStage(stopped, context);
    assert.match(context.lines.join("\n"), /train: continuing after step \d+/);
    assert.deepEqual(await bytesOf(stopped, "last"), await bytesOf(whole, "last"));
    assert.deepEqual(await bytesOf(stopped, "best"), await bytesOf(whole, "best"));
    assert.deepEqual(await metricsOf(stopped), await metricsOf(whole));
  }));

Deno.test("a run is stopped in a validation at once, and continued before it", () =>
  inTemporaryFolder(async (folder) => {
    const images = 1500;
    const whole = await tinyRun(folder, { run: "whole", epochs: 1 }, images);
    await trainStage(whole, testContext());
    const stopped = await tinyRun(folder, { run: "stopped", epochs: 1 }, images);
    await trainUntil(4, stopped);
    const { metadata } = decodeSafetensors(await bytesOf(stopped, "last"), "last");
    const { step, validatedEpochs, best } = JSON.parse(metadata["position"]!);
    assert.deepEqual({ step, validatedEpochs, best }, { step: 4, validatedEpochs: 0, best: null });
    await trainStage(stopped, testContext({ resume: true }));
    assert.deepEqual(await bytesOf(stopped, "last"), await bytesOf(whole, "last"));
    assert.deepEqual(await metricsOf(stopped), await metricsOf(whole));
  }));

Deno.test("what was logged after the last checkpoint is logged again, not twice, and a line cut off is dropped", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 3 });
    await trainStage(configuration, testContext());
    await Deno.writeTextFile(runPaths(configuration).metrics, '{"step":4,"loss":1}\n{"step":5,"lo', { append: true });
    await trainStage({ ...configuration, maxSteps: 6 }, testContext({ resume: true }));
    const steps = (await metricsOf(configuration)).filter(({ epoch }) => epoch === undefined).map(({ step }) => step);
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
  }));

Deno.test("metrics: each logged step with its learning rate, each epoch with means and the validation", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await trainStage(configuration, testContext());
    const metrics = await metricsOf(configuration);
    const steps = metrics.filter(({ epoch }) => epoch === undefined), epochs = metrics.filter(({ epoch }) => epoch);
    // 45 images in batches of 10: 4 steps an epoch.
    assert.deepEqual(steps.map(({ step }) => step), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(epochs.map(({ epoch, step }) => [epoch, step]), [[1, 4], [2, 8]]);
    assert.equal(steps[0]!["learningRate"], configuration.learningRate);
    assert.ok(Math.abs(steps[4]!["learningRate"]! - configuration.learningRate / 2) < 1e-12, "half of it halfway");
    const mean = steps.slice(0, 4).reduce((sum, { loss }) => sum + loss!, 0) / 4;
    assert.ok(Math.abs(epochs[0]!["trainLoss"]! - mean) < 1e-12);
  }));

Deno.test("training lowers the loss and learns the classes' brightness", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { width: 4, epochs: 30, shake: "even-even-batch", augment: "none" });
    await trainStage(configuration, testContext());
    const epochs = (await metricsOf(configuration)).filter(({ epoch }) => epoch);
    assert.ok(
      epochs.at(-1)!["trainLoss"]! < 0.7 * epochs[0]!["trainLoss"]!,
      JSON.stringify([epochs[0], epochs.at(-1)]),
    );
    assert.ok(epochs.at(-1)!["trainAccuracy"]! > 0.5);
  }));

Deno.test("a loss that is not finite stops the run and names step, rate and checkpoints", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { learningRate: 1e6, epochs: 20 });
    await assert.rejects(
      trainStage(configuration, testContext()),
      (error) =>
        error instanceof TrainingError &&
        /^the (validation )?loss is (NaN|-?Infinity) (at|after) step \d+, with learning rate [\d.]+; (nothing was saved before|.*last\.safetensors is of step \d+); begin again/
          .test(error.message),
    );
  }));

/** Trains two epochs of four steps. */
async function trainFailing(folder: string, steps: readonly number[], output: string, fields: Given = {}) {
  const configuration = await tinyRun(folder, fields);
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration, dataset);
  const engine = failingEngine(await compiledEngine({ threads: 1 }), steps, output);
  const state = initialState(net, initialise(net.variables, uniformNumbers));
  const context = testContext();
  const team = teamOf(alone, context.signal);
  const setup = { dataset, validation: dataset.test, net, engine, stepsPerEpoch: 4, team };
  const ended = await trainNetwork(configuration, context, setup, { state, position: firstPosition({}) })
    .then(() => undefined, (error: unknown) => error);
  const { last } = runPaths(configuration);
  const saved = await readCheckpoint(last, net, "").catch(() => undefined);
  const lines = await metricsOf(configuration);
  return { ended, saved, lines, said: context.lines, last };
}

for (const [what, output] of [["a loss", "loss"], ["a weight", "weights/dense/bias"]] as const) {
  Deno.test(`--non-finite skip skips a step with ${what} that is NaN, and says so`, () =>
    inTemporaryFolder(async (folder) => {
      const { ended, saved, lines, said } = await trainFailing(folder, [2, 7], output, { nonFinite: "skip" });
      assert.equal(ended, undefined);
      assert.deepEqual(lines.filter(({ epoch }) => !epoch).map(({ step }) => step), [1, 3, 4, 5, 6, 8]);
      assert.match(said.join("\n"), /warning: .*step 2.* with learning rate [\d.]+; the step is skipped/);
      assert.deepEqual([saved!.position.step, saved!.position.epochSkipped], [8, 0]);
      const taken = lines.filter(({ epoch, step }) => !epoch && step! <= 4);
      const mean = taken.reduce((sum, { loss }) => sum + loss!, 0) / 3;
      const first = lines.find(({ epoch }) => epoch === 1)!;
      assert.ok(Math.abs(first["trainLoss"]! - mean) < 1e-12, "the mean of the steps that were taken");
    }));
}

Deno.test("weights that are not finite are never saved: the run stops and keeps the last good checkpoint", () =>
  inTemporaryFolder(async (folder) => {
    const { ended, saved, last } = await trainFailing(folder, [8], "weights/dense/bias");
    assert.ok(ended instanceof TrainingError);
    assert.match(
      ended.message,
      /is NaN after step 8, with learning rate [\d.]+; .*last\.safetensors is of step 4; begin/,
    );
    assert.equal(saved!.position.step, 4, last);
  }));

Deno.test("momentum that is not finite, which no loss shows, is not saved either", () =>
  inTemporaryFolder(async (folder) => {
    const { ended, saved } = await trainFailing(folder, [8], "momentum/dense/bias");
    assert.match(String(ended), /momentum\/dense\/bias is not finite after step 8/);
    assert.equal(saved!.position.step, 4);
  }));

Deno.test("a run stops at ten skipped steps in a row", () =>
  inTemporaryFolder(async (folder) => {
    const steps = Array.from({ length: 20 }, (_, at) => at + 1);
    const { ended } = await trainFailing(folder, steps, "loss", { nonFinite: "skip", epochs: 6, shuffle: false });
    assert.ok(ended instanceof TrainingError);
    assert.match(ended.message, /the loss is NaN at step 10, after 9 skipped steps in a row/);
  }));
