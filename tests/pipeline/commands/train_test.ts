import assert from "node:assert/strict";
import { lockFolder } from "../../../data/files/folder_lock.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { decodeSafetensors, encodeSafetensors } from "../../../data/files/safetensors.ts";
import type { Configuration } from "../../../pipeline/configuration/fields.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { TrainingError } from "../../../pipeline/training/training_run.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

type Line = Record<string, number>;

async function metricsOf(configuration: Configuration): Promise<Line[]> {
  const text = await Deno.readTextFile(runPaths(configuration).metrics);
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

const bytesOf = (configuration: Configuration, name: "last" | "best") => Deno.readFile(runPaths(configuration)[name]);

/** Trains until a step was logged, then stops as a signal does. */
async function trainUntil(step: number, configuration: Configuration, resume = false): Promise<void> {
  const abort = new AbortController();
  const { metrics } = runPaths(configuration);
  const watch = setInterval(async () => {
    const text = await Deno.readTextFile(metrics).catch(() => "");
    if (text.includes(`"step":${step},`)) abort.abort(new Error("stopped"));
  }, 1);
  try {
    await assert.rejects(train.run(configuration, testContext({ signal: abort.signal, resume })), /^Error: stopped$/);
  } finally {
    clearInterval(watch);
  }
}

Deno.test("a run stopped and continued ends with the bytes of one never stopped", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await tinyRun(folder, { run: "whole", epochs: 6 });
    await train.run(whole, testContext());
    const stopped = await tinyRun(folder, { run: "stopped", epochs: 6 });
    await trainUntil(3, stopped);
    const context = testContext({ resume: true });
    await trainUntil(10, stopped, true);
    await train.run(stopped, context);
    assert.match(context.lines.join("\n"), /train: continuing after step \d+/);
    assert.deepEqual(await bytesOf(stopped, "last"), await bytesOf(whole, "last"));
    assert.deepEqual(await bytesOf(stopped, "best"), await bytesOf(whole, "best"));
    assert.deepEqual(await metricsOf(stopped), await metricsOf(whole));
  }));

Deno.test("a run is stopped in a validation at once, and continued before it", () =>
  inTemporaryFolder(async (folder) => {
    const images = 1500;
    const whole = await tinyRun(folder, { run: "whole", epochs: 1 }, images);
    await train.run(whole, testContext());
    const stopped = await tinyRun(folder, { run: "stopped", epochs: 1 }, images);
    await trainUntil(4, stopped);
    const { metadata } = decodeSafetensors(await bytesOf(stopped, "last"), "last");
    const { step, validatedEpochs, best } = JSON.parse(metadata["position"]!);
    assert.deepEqual({ step, validatedEpochs, best }, { step: 4, validatedEpochs: 0, best: null });
    await train.run(stopped, testContext({ resume: true }));
    assert.deepEqual(await bytesOf(stopped, "last"), await bytesOf(whole, "last"));
    assert.deepEqual(await metricsOf(stopped), await metricsOf(whole));
  }));

Deno.test("what was logged after the last checkpoint is logged again, not twice, and a line cut off is dropped", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 3 });
    await train.run(configuration, testContext());
    await Deno.writeTextFile(runPaths(configuration).metrics, '{"step":4,"loss":1}\n{"step":5,"lo', { append: true });
    await train.run({ ...configuration, maxSteps: 6 }, testContext({ resume: true }));
    const steps = (await metricsOf(configuration)).filter(({ epoch }) => epoch === undefined).map(({ step }) => step);
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6]);
  }));

Deno.test("metrics: each logged step with its learning rate, each epoch with means and the validation", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await train.run(configuration, testContext());
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
    await train.run(configuration, testContext());
    const epochs = (await metricsOf(configuration)).filter(({ epoch }) => epoch);
    assert.ok(
      epochs.at(-1)!["trainLoss"]! < 0.7 * epochs[0]!["trainLoss"]!,
      JSON.stringify([epochs[0], epochs.at(-1)]),
    );
    assert.ok(epochs.at(-1)!["trainAccuracy"]! > 0.5);
  }));

Deno.test("a finished run is up to date; another setting or a run there needs --resume or --force", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2 });
    await train.run(configuration, testContext());
    const again = testContext();
    await train.run(configuration, again);
    assert.deepEqual(again.lines, ["train: up to date", "report: up to date"]);
    const other = { ...configuration, learningRate: 0.01 };
    const refused = (resume: boolean, says: RegExp) =>
      assert.rejects(
        train.run(other, testContext({ resume })),
        (error) => error instanceof UsageError && says.test(error.message),
      );
    await refused(false, /last\.safetensors is there: continue the run with --resume, begin it again with --force/);
    await refused(true, /the run tiny was begun with learningRate 0\.05, not 0\.01/);
    await train.run(other, testContext({ force: true }));
    assert.equal((await metricsOf(configuration))[0]!["learningRate"], 0.01);
  }));

Deno.test("--init begins with a checkpoint's weights and statistics, and with no momentum", () =>
  inTemporaryFolder(async (folder) => {
    const first = await tinyRun(folder, { run: "first", maxSteps: 2 });
    await train.run(first, testContext());
    const init = runPaths(first).last;
    const whole = await tinyRun(folder, {
      run: "second",
      maxSteps: 1,
      init,
      shuffle: false,
      augment: "none",
      shake: "even-even-batch",
    });
    await train.run(whole, testContext());
    const same = { ...whole, run: "third", seed: 99 };
    await train.run(same, testContext());
    assert.deepEqual(
      (await metricsOf(same))[0]!["loss"],
      (await metricsOf(whole))[0]!["loss"],
      "nothing else is drawn",
    );
  }));

Deno.test("a loss that is not finite stops the run and names step, rate and checkpoints", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { learningRate: 1e6, epochs: 20 });
    await assert.rejects(
      train.run(configuration, testContext()),
      (error) =>
        error instanceof TrainingError &&
        /^the (validation )?loss is (NaN|-?Infinity) (at|after) step \d+, with learning rate [\d.]+; (nothing was saved before|.*last\.safetensors is of step \d+); begin again/
          .test(error.message),
    );
  }));

Deno.test("a run begun again has no checkpoint of the one before", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { checkpointEvery: 1 });
    await train.run(configuration, testContext());
    const abort = new AbortController();
    const log = (line: string) => line.startsWith("engine:") && abort.abort(new Error("stopped"));
    const context = testContext({ force: true, signal: abort.signal, log });
    await assert.rejects(train.run(configuration, context), /^Error: stopped$/);
    const left = (await Array.fromAsync(Deno.readDir(`${folder}/runs/tiny/checkpoints`))).map(({ name }) => name);
    assert.deepEqual(left, ["last.safetensors"]);
  }));

async function flipBit(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length - 5]! ^= 4;
  await Deno.writeFile(path, bytes);
}

const damages: Record<string, { damage: (path: string) => Promise<void>; says: RegExp }> = {
  "damaged": {
    damage: flipBit,
    says: /last\.safetensors is not a valid .*: it was damaged after it was written; going/,
  },
  "cut off": { damage: (path) => Deno.truncate(path, 100), says: /last\.safetensors is not a valid .*; going on from/ },
  "missing": {
    damage: (path) => Deno.remove(path),
    says: /last\.safetensors does not exist; going on from .*previous/,
  },
};

Deno.test("a last checkpoint that is damaged falls back to the one before, says so and ends the same", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { epochs: 3 });
    const { folder: run, last } = runPaths(configuration);
    const result = async () =>
      await Promise.all([bytesOf(configuration, "last"), bytesOf(configuration, "best"), metricsOf(configuration)]);
    await train.run(configuration, testContext());
    const whole = await result();
    await Deno.remove(run, { recursive: true });
    await train.run({ ...configuration, maxSteps: 8 }, testContext());
    for (const [what, { damage, says }] of Object.entries(damages)) {
      await damage(last);
      const context = testContext({ resume: true });
      await train.run(configuration, context);
      assert.match(context.lines.join("\n"), says, what);
      assert.match(context.lines.join("\n"), /train: continuing after step (4|8)/);
      assert.deepEqual(await result(), whole, what);
    }
  }));

Deno.test("where both last checkpoints are damaged, the run is not continued and nothing of it is touched", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await train.run({ ...configuration, maxSteps: 5 }, testContext());
    const { last, previous, best } = runPaths(configuration);
    for (const path of [last, previous]) await flipBit(path);
    const before = await Promise.all([last, previous, best].map((path) => Deno.readFile(path)));
    await assert.rejects(
      train.run(configuration, testContext({ resume: true })),
      (error) => error instanceof InputError && /last\.safetensors is not a valid safetensors file/.test(error.message),
    );
    assert.deepEqual(await Promise.all([last, previous, best].map((path) => Deno.readFile(path))), before);
  }));

Deno.test("a best checkpoint that was lost is said to be, and the next validation gives one", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await train.run({ ...configuration, maxSteps: 4 }, testContext());
    await Deno.remove(runPaths(configuration).best);
    const context = testContext({ resume: true });
    await train.run(configuration, context);
    assert.match(context.lines.join("\n"), /best\.safetensors does not exist; the next validation gives the best/);
    assert.deepEqual(await bytesOf(configuration, "best"), await bytesOf(configuration, "last"));
  }));

Deno.test("while one process trains a run, another is refused, and what killed writers left is removed", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const run = `${folder}/runs/tiny`;
    const leftover = `${run}/checkpoints/last.safetensors.${crypto.randomUUID()}.part`;
    await Deno.mkdir(`${run}/checkpoints`, { recursive: true });
    await Deno.writeTextFile(leftover, "");
    {
      using _other = await lockFolder(run, "another");
      await assert.rejects(
        train.run(configuration, testContext()),
        (error) =>
          error instanceof InputError && /another process works in .*tiny \(another, process \d+\)/.test(error.message),
      );
    }
    await train.run(configuration, testContext());
    await assert.rejects(Deno.stat(leftover), Deno.errors.NotFound);
  }));

Deno.test("a missing data set names the command that makes it", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = { ...await tinyRun(folder), cache: `${folder}/other` };
    await assert.rejects(train.run(configuration, testContext()), (error) =>
      error instanceof InputError &&
      /dataset\.safetensors does not exist; run `deno task preprocess --dataset shapes` first/.test(error.message));
  }));

Deno.test("a batch larger than the training split, and a checkpoint of another network, are refused", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { batch: 46 });
    await assert.rejects(train.run(configuration, testContext()), /--batch: 46 is more than the 45 training images/);
    const init = `${folder}/other.safetensors`;
    await Deno.writeFile(init, encodeSafetensors({ tensors: {}, metadata: {} }));
    await assert.rejects(
      train.run({ ...configuration, batch: 10, init }, testContext()),
      /other\.safetensors is not a checkpoint/,
    );
    const narrow = await tinyRun(folder, { run: "narrow", maxSteps: 1 });
    await train.run(narrow, testContext());
    await assert.rejects(
      train.run({ ...configuration, batch: 10, width: 4, init: runPaths(narrow).last }, testContext()),
      /is of another network: weights\/\S+ is \[\S+\], not \[\S+\]/,
    );
  }));
