/** Stages started on a fresh clone, with the permissions of their tasks. */
import assert from "#assert";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { exportModel } from "../../../pipeline/commands/export/mod.ts";
import { runMissingStages } from "../../../pipeline/commands/missing_stages.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { train } from "../../../pipeline/commands/train.ts";
import type { Command } from "../../../pipeline/cli/command.ts";
import type { Field, Given } from "../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
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
    const again = testContext();
    const places = { cache: `${folder}/.cache`, runs: `${folder}/runs` };
    await runMissingStages("export", resolveConfiguration("quick", undefined, { ...tiny, ...places }), again);
    assert.deepEqual(again.lines, []);
  }));

const refused: readonly (readonly [Command, Given, RegExp])[] = [
  [evaluate, { run: "typo" }, /run `deno task train --run typo --runs \S+` first/],
  [exportModel, { run: "typo" }, /run `deno task train --run typo --runs \S+` first/],
  [train, { dataset: "cifar-10" }, /run `deno task download --dataset cifar-10 --cache \S+` first/],
];

Deno.test("a run that is named and missing is not trained; a data set that needs the network is not fetched", () =>
  inTemporaryFolder(async (folder) => {
    for (const [command, fields, message] of refused) {
      const places = { cache: `${folder}/.cache`, runs: `${folder}/runs` };
      const configuration = resolveConfiguration("quick", undefined, { ...places, ...fields });
      const context = testContext({ given: new Set(Object.keys(fields) as Field[]) });
      await assert.rejects(async () => {
        await runMissingStages(command.name, configuration, context);
        await command.run(configuration, context);
      }, { exitCode: 1, message });
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
