/** Stages started on a fresh clone, with the permissions of their tasks. */
import assert from "#assert";
import { runMissingStages } from "../../../pipeline/commands/missing_stages.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import type { Field } from "../../../pipeline/configuration/fields.ts";
import { datasetPaths } from "../../../pipeline/run/paths.ts";
import { runTask } from "../../support/run_task.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

Deno.test("export on a fresh clone runs the stages that are missing, and says so", () =>
  inTemporaryFolder(async (folder) => {
    const tiny = { width: 2, epochs: 1, maxSteps: 2, batch: 8, parityImages: 2, engine: "onnxruntime", threads: 1 };
    await Deno.writeTextFile(`${folder}/tiny.json`, JSON.stringify(tiny));
    const { code, errors } = await runTask(folder, "export", "--config", "tiny.json");
    assert.equal(code, 0, errors);
    const announced = [...errors.matchAll(/^(\w+): (\w+) has not run yet, so it runs first$/gm)];
    assert.deepEqual(announced.map(([, stage, before]) => [stage, before]), [
      ["export", "evaluate"],
      ["evaluate", "train"],
      ["train", "preprocess"],
      ["preprocess", "download"],
    ]);
    assert.ok((await Deno.stat(`${folder}/runs/quick/model.onnx`)).isFile);
    const again = await runTask(folder, "export", "--config", "tiny.json");
    assert.doesNotMatch(again.errors, /has not run yet/);
  }));

Deno.test("a run that is named and missing is not trained; a data set that needs the network is not fetched", () =>
  inTemporaryFolder(async (folder) => {
    for (
      const [task, flags, says] of [
        ["evaluate", ["--run", "typo"], /run `deno task train --run typo` first/],
        ["export", ["--run", "typo"], /run `deno task train --run typo` first/],
        ["train", ["--dataset", "cifar-10"], /run `deno task download --dataset cifar-10` first/],
      ] as const
    ) {
      const { code, errors } = await runTask(folder, task, ...flags);
      assert.equal(code, 1, errors);
      assert.match(errors, says);
    }
  }));

Deno.test("a missing preprocess has the settings that train will ask for", () =>
  inTemporaryFolder(async (folder) => {
    await writeClasses(`${folder}/pictures`, ["a", "b"]);
    await preprocess.run(tinyFolder(folder, { imageSize: 16, fit: "pad" }), testContext());
    const given = new Set<Field>(["dataset", "images", "imageSize"]);
    await runMissingStages("train", tinyFolder(folder, { imageSize: 8 }), testContext({ given }));
    const { decoded } = datasetPaths(tinyFolder(folder, { imageSize: 8, fit: "pad" }));
    assert.ok((await Deno.stat(decoded)).isFile);
  }));
