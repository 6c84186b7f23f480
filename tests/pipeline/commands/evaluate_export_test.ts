import assert from "node:assert/strict";
import * as tf from "@tensorflow/tfjs";
import type { Dataset } from "../../../data/dataset.ts";
import { WHOLE } from "../../../data/view.ts";
import { selectEngine } from "../../../engine/select.ts";
import type { Network } from "../../../model/network.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { classificationReport, formatReport } from "../../../pipeline/evaluation/classification_report.ts";
import { Classifier, largest, logSoftmax } from "../../../pipeline/evaluation/classifier.ts";
import { shapeNames } from "../../../data/shapes.ts";
import { readCheckpoint, writeCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { networkOf } from "../../../pipeline/run/run_configuration.ts";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { exportModel, ParityError } from "../../../pipeline/commands/export/mod.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { assertClose } from "../../support/assert_close.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));

Deno.test("precision, recall and F1 follow from the confusion matrix", () => {
  const actual = [0, 0, 0, 1, 1, 2], predicted = [0, 0, 1, 1, 0, 1];
  const { accuracy, correct, confusion, classes, macro } = classificationReport(actual, predicted, ["a", "b", "c"]);
  assert.deepEqual([accuracy, correct], [0.5, 3]);
  assert.deepEqual(confusion, [[2, 1, 0], [1, 1, 0], [0, 1, 0]]);
  assert.deepEqual(classes[0], { label: "a", precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 });
  assert.deepEqual(classes[1], { label: "b", precision: 1 / 3, recall: 1 / 2, f1: 0.4, support: 2 });
  assert.deepEqual(classes[2], { label: "c", precision: 0, recall: 0, f1: 0, support: 1 });
  assert.equal(macro.recall, (2 / 3 + 1 / 2) / 3);
});

Deno.test("the table has a row for every class", () => {
  const text = formatReport(classificationReport([0, 1], [0, 0], ["cat", "dog"]));
  assert.match(text, /cat +50\.00 +100\.00 +66\.67 +1/);
  assert.match(text, /1 dog +1 +0/);
});

Deno.test("the class is the largest logit; the log soft-max is that of the definition", () => {
  const logits = Float32Array.of(1, 3, 2);
  assert.equal(largest(logits), 1);
  assertClose(
    logSoftmax(logits),
    [1, 3, 2].map((logit) => logit - Math.log(Math.exp(1) + Math.exp(3) + Math.exp(2))),
    1e-9,
  );
  assert.ok(Number.isFinite(logSoftmax(Float32Array.of(1000, -1000))[1]), "large logits do not overflow");
});

Deno.test("a checkpoint whose logits are not finite, and an evaluation that was changed, are not taken for right", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1, parityImages: 1 });
    await train.run(configuration, testContext());
    const { best, evaluation } = runPaths(configuration);
    const refused = (action: Promise<unknown>, says: RegExp) =>
      assert.rejects(action, (error) => error instanceof InputError && says.test(error.message));
    await evaluate.run(configuration, testContext());
    const text = await Deno.readTextFile(evaluation);
    await Deno.writeTextFile(evaluation, text.replace(/"accuracy": [\d.]+/, '"accuracy": 0.99'));
    await refused(exportModel.run(configuration, testContext()), /evaluation\.json is not as it was written; run/);
    const { position, state } = await readCheckpoint(best, networkOf(configuration, { labels: shapeNames }), "");
    const kernel = state["weights/stem/conv/kernel"]!;
    const huge = { ...kernel, data: new Float32Array(kernel.data.length).fill(3e38) };
    await writeCheckpoint(best, { position, state: { ...state, "weights/stem/conv/kernel": huge } });
    await refused(evaluate.run(configuration, testContext()), /best\.safetensors gives logits that are not finite/);
  }));

Deno.test("a run is evaluated and exported, then both are up to date", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const { evaluation, parity, model } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    await exportModel.run(configuration, testContext());
    const [evaluated, compared] = await Promise.all([evaluation, parity].map(readJson));
    assert.equal(evaluated.images, 20);
    assert.equal(compared.passed, true);
    assert.ok(compared.maxAbsoluteDifference < 1e-5);
    assert.equal(compared.test.accuracy, evaluated.accuracy, "the file classifies as the network does");
    assert.equal((await Deno.stat(model)).size, compared.bytes);
    for (const stage of [evaluate, exportModel]) {
      const again = testContext();
      await stage.run(configuration, again);
      assert.deepEqual(again.lines, [`${stage.name}: up to date`]);
    }
  }));

Deno.test("ResNeXt is trained, evaluated and exported like the other network", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, {
      architecture: "resnext",
      depth: 11,
      groups: 2,
      shake: "shake-even-image",
      maxSteps: 2,
    });
    for (const stage of [train, evaluate, exportModel]) await stage.run(configuration, testContext());
    const { evaluation, parity } = runPaths(configuration);
    const [evaluated, compared] = await Promise.all([evaluation, parity].map(readJson));
    assert.equal(compared.passed, true);
    assert.equal(compared.test.accuracy, evaluated.accuracy);
  }));

/** A network whose logits are the red of the first two pixels of an image. */
const firstPixels: Network = {
  ...shakeNet({ depth: 8, width: 2, branches: 2, classes: 2 }),
  variables: [],
  logits: (images) => tf.reshape(tf.slice4d(images, [0, 0, 0, 0], [-1, 1, 2, 1]), [-1, 2]),
};

Deno.test("with views the probabilities of each are averaged", async () => {
  const reds = [0, 30, 90, 10, 200, 100, 0, 255];
  const split = { count: 2, images: Uint8Array.from(reds.flatMap((red) => [red, 0, 0])), labels: Uint8Array.of(0, 1) };
  const dataset: Dataset = {
    name: "rows",
    labels: ["a", "b"],
    imageShape: [1, 4, 3],
    mean: [0, 0, 0],
    std: [1, 1, 1],
    train: split,
    test: split,
  };
  const { engine } = await selectEngine("cpu");
  const classifier = await Classifier.create(engine, firstPixels, dataset.imageShape);
  const views = [WHOLE, { ...WHOLE, mirrored: true }];
  const { probabilities, predicted, loss, accuracy } = await classifier.classify({}, dataset, split, { views });
  const sigmoid = (bytes: number) => 1 / (1 + Math.exp(-bytes / 255));
  const [first, second] = [(sigmoid(0 - 30) + sigmoid(10 - 90)) / 2, (sigmoid(200 - 100) + sigmoid(255 - 0)) / 2];
  assertClose(probabilities, [first, 1 - first, second, 1 - second], 1e-6);
  assertClose([loss], [-(Math.log(first) + Math.log(1 - second)) / 2], 1e-6);
  assert.deepEqual([[...predicted], accuracy], [[1, 0], 0]);
});

Deno.test("over the tolerance the export fails, says by how much and writes no model", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1, tolerance: 1e-12 });
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    await assert.rejects(
      exportModel.run(configuration, testContext()),
      (error) =>
        error instanceof ParityError &&
        /differs from the network: by \S+ in a logit \(allowed 1e-12\)/.test(error.message),
    );
    await assert.rejects(Deno.stat(runPaths(configuration).model), Deno.errors.NotFound);
  }));

Deno.test("without a run, and without an evaluation of the checkpoint, the command that is missing is named", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const refused = (run: Promise<unknown>, says: RegExp) =>
      assert.rejects(run, (error) => error instanceof InputError && says.test(error.message));
    await refused(
      evaluate.run(configuration, testContext()),
      /config\.json does not exist; run `deno task train --run tiny` first/,
    );
    await train.run(configuration, testContext());
    await refused(
      exportModel.run(configuration, testContext()),
      /evaluation\.json does not exist; run `deno task evaluate --run tiny --checkpoint best` first/,
    );
    await evaluate.run(configuration, testContext());
    const notOf = (checkpoint: string) =>
      new RegExp(
        `evaluation\\.json is not of \\S+${checkpoint}\\.safetensors as it is now; run .* --checkpoint ${checkpoint}`,
      );
    await train.run({ ...configuration, maxSteps: 5 }, testContext({ resume: true }));
    await refused(exportModel.run(configuration, testContext()), notOf("best"));
    await evaluate.run(configuration, testContext());
    await train.run({ ...configuration, maxSteps: 6 }, testContext({ resume: true }));
    await refused(exportModel.run({ ...configuration, checkpoint: "last" }, testContext()), notOf("last"));
  }));
