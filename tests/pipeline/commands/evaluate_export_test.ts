import assert from "node:assert/strict";
import { InputError } from "../../../data/files/input_error.ts";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { exportModel, ParityError } from "../../../pipeline/commands/export/mod.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { train } from "../../../pipeline/commands/train.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));

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
