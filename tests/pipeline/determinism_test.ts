import assert from "#assert";
import { evaluate } from "../../pipeline/commands/evaluate.ts";
import { exportModel } from "../../pipeline/commands/export/mod.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { train } from "../../pipeline/commands/train.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";

Deno.test("the same seed gives the same bytes: checkpoints, metrics, evaluation and model", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { augment: "flip,pad-crop:4,color-jitter:0.2,cutout:8" });
    const paths = runPaths(configuration);
    const made = async () => {
      for (const stage of [train, evaluate, exportModel]) await stage.run(configuration, testContext());
      const { configuration: file, last, previous, best, metrics, evaluation, model } = paths;
      const files = [file, last, previous, best, metrics, evaluation, model];
      const contents = await Promise.all(files.map((path) => Deno.readFile(path)));
      await Deno.remove(paths.folder, { recursive: true });
      return contents;
    };
    assert.deepEqual(await made(), await made());
  }));
