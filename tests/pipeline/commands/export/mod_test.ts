import assert from "node:assert/strict";
import { decodeSafetensors, type HostTensor } from "../../../../data/files/safetensors.ts";
import { describeModel } from "../../../../export/model_file.ts";
import { evaluate } from "../../../../pipeline/commands/evaluate.ts";
import { exportModel, ParityError, type ParityReport } from "../../../../pipeline/commands/export/mod.ts";
import { runPaths } from "../../../../pipeline/run/paths.ts";
import { train } from "../../../../pipeline/commands/train.ts";
import { runOnnx } from "../../../support/run_onnx.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../../support/tiny_run.ts";

const json = async (path: string) => JSON.parse(await Deno.readTextFile(path));
const exists = (path: string) => Deno.stat(path).then(() => true, () => false);

Deno.test("models of lower precision stand beside the float32 one, each measured, in the layouts of other places", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 8, precision: "int8,fp16", accuracyLoss: 100 });
    const { models, parity, huggingFace, triton } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    const options = { ...configuration, input: "uint8-nhwc" as const };
    await exportModel.run(options, testContext());
    const { input, bytes, speed, test, reduced } = await json(parity) as ParityReport;
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
      assert.deepEqual(
        await Deno.readFile(`${huggingFace}/onnx/model_${report.precision}.onnx`),
        await Deno.readFile(path),
      );
    }
    const hub = await json(`${huggingFace}/config.json`),
      preprocessor = await json(`${huggingFace}/preprocessor_config.json`);
    assert.equal(hub.id2label["0"], describeModel(await Deno.readFile(models.float32)).labels[0]);
    assert.deepEqual([preprocessor.do_normalize, preprocessor.size], [false, { shortest_edge: 32 }]);
    assert.match(
      await Deno.readTextFile(`${huggingFace}/README.md`),
      /^---\nlibrary_name: onnx\n[^]*`onnx\/model_int8.onnx` \| int8/,
    );
    const served = await Deno.readTextFile(`${triton}/shakenet_int8/config.pbtxt`);
    assert.match(
      served,
      /name: "shakenet_int8"[^]*data_type: TYPE_UINT8\s+format: FORMAT_NHWC\s+dims: \[ 32, 32, 3 \]/,
    );
    assert.equal(await exists(`${triton}/shakenet_int8/1/model.onnx`), true);

    await exportModel.run({ ...options, precision: "fp16" }, testContext());
    assert.equal(await exists(models.int8), false, "what is not of this export does not stay beside it");
  }));

Deno.test("a model of lower precision that loses too much fails the stage and is not written", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { precision: "int8", accuracyLoss: 0, calibrationImages: 1 });
    const { models, parity } = runPaths(configuration);
    await train.run(configuration, testContext());
    await evaluate.run(configuration, testContext());
    const loses = await exportModel.run(configuration, testContext()).then(() => undefined, (error) => error);
    const { reduced: { int8 } } = await json(parity) as ParityReport;
    assert.equal(int8!.calibrationImages, 1);
    assert.equal(await exists(models.int8), int8!.passed);
    if (!int8!.passed) {
      assert.ok(loses instanceof ParityError && /int8 loses \S+ points of test accuracy/.test(loses.message));
    }
  }));

Deno.test("an exported training step gives the losses of the run from files alone", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 5, what: "training-step", exportSteps: 5 });
    const { trainingStep, metrics } = runPaths(configuration);
    await train.run(configuration, testContext());
    await exportModel.run(configuration, testContext());
    const logged = (await Deno.readTextFile(metrics)).trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ loss }) => loss !== undefined);
    const model = await Deno.readFile(`${trainingStep}/training_step.onnx`);
    const read = async (name: string) =>
      decodeSafetensors(await Deno.readFile(`${trainingStep}/${name}.safetensors`), name).tensors;
    const inputs = await read("step_inputs");
    let state = await read("initial_state");
    for (let step = 0; step < 5; step++) {
      const own = Object.entries(inputs).map(([name, { shape: [, ...shape], data }]): [string, HostTensor] => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { shape, data: data.slice(step * size, (step + 1) * size) }];
      });
      const { loss, accuracy: _, ...next } = await runOnnx(model, { ...state, ...Object.fromEntries(own) });
      // Steps enlarge what two orders of summing differ in.
      const difference = Math.abs(loss!.data[0]! / logged[step].loss - 1);
      assert.ok(difference < 1e-5 * 10 ** step, `step ${step + 1}: ${difference}`);
      state = Object.fromEntries(Object.entries(next).map(([name, tensor]) => [name.replace("next/", ""), tensor]));
    }
    const { losses, compared, maxRelativeDifference } = await json(`${trainingStep}/losses.json`);
    assert.deepEqual([losses.length, compared, maxRelativeDifference < 0.01], [5, 5, true]);
    const again = testContext();
    await exportModel.run(configuration, again);
    assert.deepEqual(again.lines, ["export: up to date"]);
  }));
