import assert from "node:assert/strict";
import { InputError } from "../../../data/files/input_error.ts";
import { evaluateStage } from "../../../pipeline/evaluation/evaluate_stage.ts";
import { readEvaluation } from "../../../pipeline/run/evaluation_file.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("an evaluation that was changed is refused", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await trainStage(configuration, testContext());
    await evaluateStage(configuration, testContext());
    const { best, evaluation } = runPaths(configuration);
    assert.equal((await readEvaluation(configuration, best)).images, 20);
    const text = await Deno.readTextFile(evaluation);
    await Deno.writeTextFile(evaluation, text.replace(/"accuracy": [\d.]+/, '"accuracy": 0.99'));
    await assert.rejects(
      readEvaluation(configuration, best),
      (error) =>
        error instanceof InputError &&
        /evaluation\.json has changed since evaluate wrote it; run `deno task evaluate/.test(error.message),
    );
  }));
