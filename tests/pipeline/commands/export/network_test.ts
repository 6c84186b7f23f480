import assert from "#assert";
import { InputError } from "../../../../data/files/input_error.ts";
import { describeModel } from "../../../../export/model_file.ts";
import { readProperties } from "../../../../onnx/file/metadata.ts";
import { evaluate } from "../../../../pipeline/commands/evaluate.ts";
import { exportModel, ParityError } from "../../../../pipeline/commands/export/mod.ts";
import { train } from "../../../../pipeline/commands/train.ts";
import type { ParityReport } from "../../../../pipeline/run/parity_file.ts";
import { runPaths } from "../../../../pipeline/run/paths.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../../support/tiny_run.ts";

const readJson = async (path: string) => JSON.parse(await Deno.readTextFile(path));
const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

Deno.test("an exported run classifies as the network does, then the export is up to date", () =>
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
    const again = testContext();
    await exportModel.run(configuration, again);
    assert.deepEqual(again.lines, ["export: up to date", "report: up to date"]);
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

Deno.test("without an evaluation of the checkpoint as it is, the command that makes one is named", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const refused = (run: Promise<unknown>, says: RegExp) =>
      assert.rejects(run, (error) => error instanceof InputError && says.test(error.message));
    await train.run(configuration, testContext());
    await refused(
      exportModel.run(configuration, testContext()),
      /evaluation\.json does not exist; run `deno task evaluate --run tiny --runs \S+ --checkpoint best` first/,
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

Deno.test("models of lower precision stand beside the float32 one, each measured, in the layouts of other places", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 8, precision: "int8,fp16", accuracyLoss: 100 });
    const { models, parity, huggingFace, triton } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    const options = { ...configuration, input: "uint8-nhwc" as const };
    await exportModel.run(options, testContext());
    const { input, bytes, speed, test, reduced } = await readJson(parity) as ParityReport;
    assert.equal(input, "uint8-nhwc");
    const reports = Object.values(reduced);
    assert.deepEqual(reports.map(({ precision, images }) => [precision, images]), [["fp16", 20], ["int8", 20]]);
    for (const report of reports) {
      const path = models[report.precision];
      assert.equal((await Deno.stat(path)).size, report.bytes);
      assert.ok(report.bytes < bytes && report.speed.imagesPerSecond > 0 && speed.threads > 0);
      assert.equal(report.accuracyLoss, Number((100 * (test.accuracy - report.accuracy)).toFixed(6)));
      const { labels, imageShape, input, fit } = describeModel(await Deno.readFile(path));
      assert.deepEqual({ labels: labels.length, imageShape, input, fit }, {
        ...{ labels: 10, imageShape: [32, 32, 3], input: "uint8-nhwc", fit: "crop" },
      });
      const hubModel = readProperties(await Deno.readFile(`${huggingFace}/onnx/model_${report.precision}.onnx`));
      assert.deepEqual(Object.keys(hubModel.inputs), ["pixel_values"]);
    }
    const hub = await readJson(`${huggingFace}/config.json`),
      preprocessor = await readJson(`${huggingFace}/preprocessor_config.json`);
    assert.equal(hub.id2label["0"], describeModel(await Deno.readFile(models.float32)).labels[0]);
    assert.deepEqual([preprocessor.do_normalize, preprocessor.size], [true, { shortest_edge: 32 }]);
    assert.match(
      await Deno.readTextFile(`${huggingFace}/README.md`),
      /^---\nlibrary_name: transformers\.js\n[^]*`onnx\/model_int8.onnx` \| int8/,
    );
    const served = await Deno.readTextFile(`${triton}/shakenet_int8/config.pbtxt`);
    assert.match(
      served,
      /name: "shakenet_int8"[^]*data_type: TYPE_UINT8\s+format: FORMAT_NHWC\s+dims: \[ 32, 32, 3 \]/,
    );
    assert.equal(await exists(`${triton}/shakenet_int8/1/model.onnx`), true);

    await exportModel.run({ ...options, precision: "fp16" }, testContext());
    const left = [models.int8, `${huggingFace}/onnx/model_int8.onnx`, `${triton}/shakenet_int8`];
    assert.deepEqual(await Promise.all(left.map(exists)), [false, false, false], "models of an earlier export");
    assert.equal(await exists(`${triton}/shakenet_fp16/1/model.onnx`), true);
  }));

Deno.test("a model of lower precision that loses too much fails the stage and is not written", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { precision: "int8", accuracyLoss: 0, calibrationImages: 1 });
    const { models, parity } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    const loses = await exportModel.run(configuration, testContext()).then(() => undefined, (error) => error);
    const { reduced: { int8 } } = await readJson(parity) as ParityReport;
    assert.equal(int8!.calibrationImages, 1);
    assert.equal(await exists(models.int8), int8!.passed);
    if (!int8!.passed) {
      assert.ok(loses instanceof ParityError && /int8 loses \S+ points of test accuracy/.test(loses.message));
    }
  }));

Deno.test("models that take pictures of any size are measured against predict, in every precision", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 8, precision: "int8,fp16", accuracyLoss: 100 });
    const { models, parity, huggingFace, triton } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    const context = testContext();
    await exportModel.run({ ...configuration, input: "uint8-any" }, context);
    const { input, bytes, preprocessing } = await readJson(parity) as ParityReport;
    assert.equal(input, "uint8-any");
    assert.deepEqual(Object.entries(preprocessing!).map(([kind, { pictures }]) => [kind, pictures]), [
      ...[["png", 10], ["jpeg", 10], ["difficult", 29]],
    ]);
    assert.ok(preprocessing!.png.maxProbabilityDifference < 0.05);
    assert.match(
      context.lines.join("\n"),
      /10 png pictures resized in the model: probabilities differ from predict's by/,
    );
    assert.equal((await Deno.stat(models.float32)).size, bytes);
    for (const path of Object.values(models)) {
      const { input, imageShape } = describeModel(await Deno.readFile(path));
      assert.deepEqual({ input, imageShape }, { input: "uint8-any", imageShape: [32, 32, 3] });
    }
    const hubModel = readProperties(await Deno.readFile(`${huggingFace}/onnx/model_int8.onnx`));
    assert.deepEqual(hubModel.inputs["pixel_values"]?.shape, [null, 3, 32, 32]);
    assert.match(await Deno.readTextFile(`${triton}/shakenet/config.pbtxt`), /dims: \[ -1, -1, 3 \]/);
  }));
