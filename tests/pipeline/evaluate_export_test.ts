import assert from "node:assert/strict";
import { InputError } from "../../data/input_error.ts";
import { classificationReport, formatReport } from "../../pipeline/classification_report.ts";
import { largest, logSoftmax } from "../../pipeline/classifier.ts";
import { evaluate } from "../../pipeline/evaluate.ts";
import { exportModel, ParityError } from "../../pipeline/export.ts";
import { runPaths } from "../../pipeline/paths.ts";
import { train } from "../../pipeline/train.ts";
import { assertClose } from "../support/assert_close.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";

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

Deno.test("a run is evaluated and exported, then both are up to date", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const { evaluation, parity, model } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    await exportModel.run(configuration, testContext());
    const evaluated = JSON.parse(await Deno.readTextFile(evaluation)),
      compared = JSON.parse(await Deno.readTextFile(parity));
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
    const refused = (run: Promise<void>, says: RegExp) =>
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
