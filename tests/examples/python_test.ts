import assert from "#assert";
import { inputForms } from "../../export/variants.ts";
import { exportModel } from "../../pipeline/commands/export/mod.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { train } from "../../pipeline/commands/train.ts";
import { useCpu } from "../support/eager.ts";
import { exportedFile } from "../support/exported_file.ts";
import { likeliest, png, SIDE } from "../support/hub_folder.ts";
import { outputOf, pythonWith } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";

await useCpu();
const python = await pythonWith("numpy", "onnxruntime", "pyvips");
const trainer = await pythonWith("numpy", "onnxruntime", "safetensors.numpy");

Deno.test({
  name: "Python classifies pictures (needs Python's onnxruntime and pyvips)",
  ignore: python === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const pictures = [`${folder}/a.png`, `${folder}/b.png`];
      for (const [at, path] of pictures.entries()) await Deno.writeFile(path, await png(at));
      const expected = await Promise.all(pictures.map(async (path, at) => {
        const { label, probability } = await likeliest(at);
        return `${path}: ${label} ${(100 * probability).toFixed(1)} %\n`;
      }));
      for (const input of inputForms) {
        const model = `${folder}/model.onnx`;
        await Deno.writeFile(model, exportedFile(input, SIDE));
        const printed = await outputOf(python!, ["examples/python/classify.py", model, ...pictures]);
        assert.equal(printed, expected.join(""), input);
      }
    }),
});

Deno.test({
  name: "Python trains 50 steps with the losses of here (needs Python's onnxruntime and safetensors)",
  ignore: trainer === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const configuration = await tinyRun(folder, { epochs: 20, maxSteps: 1, what: "training-step" });
      await train.run(configuration, testContext());
      await exportModel.run(configuration, testContext());
      const printed = await outputOf(trainer!, ["examples/python/train.py", runPaths(configuration).trainingStep]);
      assert.match(printed, /^step 50: loss /m);
      const difference = Number(/largest relative difference from losses.json: (\S+)/.exec(printed)![1]);
      assert.ok(difference < 1e-3, printed);
    }),
});
