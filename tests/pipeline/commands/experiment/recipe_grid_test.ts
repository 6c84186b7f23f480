import assert from "#assert";
import { parseFlags } from "../../../../pipeline/cli/flags.ts";
import { experiment } from "../../../../pipeline/commands/experiment/mod.ts";
import type { Given } from "../../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import { UsageError } from "../../../../pipeline/configuration/usage_error.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { writePictureFolder } from "../../../support/picture_folder.ts";
import { metricsOf } from "../../../support/run_files.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext } from "../../../support/tiny_run.ts";

/** An experiment on a few small pictures. */
async function configurationIn(folder: string, fields: Given) {
  await writePictureFolder(`${folder}/pictures`);
  return resolveConfiguration("quick", undefined, {
    ...{ cache: `${folder}/cache`, runs: `${folder}/runs`, dataset: "folder", images: `${folder}/pictures` },
    ...{ imageSize: 16, width: 2, batch: 2, seeds: 1, validation: "2", engine: "onnxruntime", threads: 1, ...fields },
  });
}

Deno.test("recipes are trained for as many epochs as the budget pays, resumed, and judged by validation", () =>
  inTemporaryFolder(async (folder) => {
    const fields = { budget: "3e-7,6e-7", recipes: "plain,label-smoothing" };
    const configuration = await configurationIn(folder, fields);
    const abort = new AbortController();
    let runs = 0;
    const log = (line: string) => {
      if (line.startsWith("experiment: run") && ++runs === 3) abort.abort(new Error("stopped"));
    };
    const stopped = testContext({ argument: "recipe", signal: abort.signal, log });
    await assert.rejects(experiment.run(configuration, stopped), /stopped/);
    const context = testContext({ argument: "recipe" });
    await experiment.run(configuration, context);
    assert.equal(context.lines.filter((line) => line === "train: up to date").length, 2);

    const place = `${folder}/runs/quick-recipe`;
    const { results } = JSON.parse(await Deno.readTextFile(`${place}/recipe.json`));
    assert.equal(results.length, 4);
    for (const { recipe, budget, pflop, epochs, accuracies } of results) {
      assert.ok(pflop <= budget && pflop * (epochs + 1) / epochs > budget);
      const run = { runs: place, run: `${recipe}-${budget}-seed1` };
      const lines = (await metricsOf(run)).filter(({ epoch }) => epoch !== undefined);
      assert.equal(lines.length, epochs);
      assertClose(accuracies, [lines.at(-1)!["validationAccuracy"]!], 1e-12);
      await assert.rejects(Deno.stat(`${place}/${run.run}/evaluation.json`), Deno.errors.NotFound);
    }
    const written = JSON.parse(await Deno.readTextFile(`${place}/label-smoothing-3e-7-seed1/config.json`));
    assert.equal(written.labelSmoothing, 0.1);
    assert.match(context.printed.join(), /\| label-smoothing \| ShakeNet-8 2x2d \|/);
    assert.match(await Deno.readTextFile(`${place}/recipe.svg`), /label-smoothing: /);
  }));

Deno.test("recipes are not judged by the test images, nor by none", () =>
  inTemporaryFolder(async (folder) => {
    for (const validation of ["test", "none"]) {
      await assert.rejects(
        experiment.run(await configurationIn(folder, { validation }), testContext({ argument: "recipe" })),
        (error) => error instanceof UsageError && error.message.startsWith(`--validation ${validation}: experiment`),
      );
    }
  }));

Deno.test("flags that keep a run from spending its budget are refused, and --time is no flag of an experiment", () =>
  inTemporaryFolder(async (folder) => {
    for (
      const [fields, flag] of [[{ maxSteps: 1 }, "--max-steps 1"], [{ patience: 1 }, "--patience 1"], [
        { sizes: "8:1" },
        "--sizes 8:1",
      ]] as const
    ) {
      await assert.rejects(
        experiment.run(await configurationIn(folder, fields), testContext({ argument: "recipe" })),
        (error) => error instanceof UsageError && error.message.startsWith(`${flag}: experiment recipe`),
      );
    }
    // A run that --time shortens or lengthens would not be the one that the table names.
    assert.throws(() => parseFlags(experiment, ["table1", "--time", "1h"]), /--time is not a flag of experiment/);
  }));

Deno.test("a recipe that does not exist is refused by name", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await configurationIn(folder, { recipes: "plain,mixupp" });
    await assert.rejects(
      experiment.run(configuration, testContext({ argument: "recipe" })),
      (error) =>
        error instanceof UsageError &&
        /^--recipes: "mixupp" is not one of plain, .*did you mean mixup\?$/.test(error.message),
    );
  }));
