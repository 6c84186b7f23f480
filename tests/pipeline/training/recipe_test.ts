/** Parts of recipes as options of runs: resumed to the byte, refused when they change, and used by what reads a run. */
import assert from "#assert";
import { averageOf } from "../../../model/weight_average.ts";
import { readSource } from "../../../pipeline/commands/export/export_source.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { recipeFields } from "../../../pipeline/configuration/fields/recipe.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { evaluateStage } from "../../../pipeline/evaluation/evaluate_stage.ts";
import { readCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { readEvaluation } from "../../../pipeline/run/evaluation_file.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { assertClose } from "../../support/assert_close.ts";
import { bytesOf, metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { trainUntil } from "../../support/train_until.ts";

/** Every kind of averaging and of mixing, with images of two sizes. */
const recipes = [
  { averaging: "ema", mixing: "mixup", schedule: "one-cycle", labelSmoothing: 0.1, clipNorm: 1 },
  { averaging: "swa", mixing: "cutmix", schedule: "linear", averageFrom: 0.4, averageEvery: 1, whitening: "frozen" },
  { averaging: "lookahead", mixing: "ricap", shakeStrength: "0.2:0,0.6:1", decayed: "kernels", offsetRate: 4 },
];

for (const recipe of recipes) {
  Deno.test(`with ${recipe.averaging}, ${recipe.mixing} and sizes a run stopped and resumed ends as one undisturbed`, () =>
    inTemporaryFolder(async (folder) => {
      const fields = { epochs: 3, sizes: "16:1", ...recipe };
      const whole = await tinyRun(folder, { run: "whole", ...fields });
      await trainStage(whole, testContext());
      const stopped = await tinyRun(folder, { run: "stopped", ...fields });
      await trainUntil(2, stopped);
      await trainStage({ ...stopped, maxSteps: 7 }, testContext({ resume: true }));
      await trainStage(stopped, testContext({ resume: true }));
      for (const name of ["last", "best"] as const) {
        assert.deepEqual(await bytesOf(stopped, name), await bytesOf(whole, name), name);
      }
      assert.deepEqual(await metricsOf(stopped), await metricsOf(whole));
    }));
}

/** A value of each part that is not its default. */
const others: Record<keyof typeof recipeFields, unknown> = {
  labelSmoothing: 0.1,
  clipNorm: 1,
  decayed: "kernels",
  offsetRate: 64,
  batchNormMomentum: 0.6,
  cycleBegin: 0.1,
  cyclePeak: 0.5,
  cycleEnd: 0.5,
  averaging: "ema",
  averageDecay: 0.99,
  averageWarmup: false,
  averageFrom: 0.5,
  averageEvery: 3,
  mixing: "mixup",
  mixingAmount: 0.2,
  sizes: "16:1",
  whitening: "trained",
  freeze: "stem",
  bodyRate: 0.1,
  shakeStrength: "0:0",
};

Deno.test("a run is only resumed with the parts that it was begun with", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    await trainStage(configuration, testContext());
    for (const [part, value] of Object.entries(others)) {
      await assert.rejects(
        trainStage({ ...configuration, [part]: value }, testContext({ resume: true })),
        (error) => error instanceof UsageError && error.message.includes(`begun with ${part} `),
        part,
      );
    }
  }));

Deno.test("the checkpoint of a run with a part names it, and one of a run without names none", () =>
  inTemporaryFolder(async (folder) => {
    const settingsOf = async (fields: Given) => {
      const configuration = await tinyRun(folder, { ...fields, maxSteps: 1 });
      await trainStage(configuration, testContext({ force: true }));
      const net = networkOf(configuration, await loadDataset(configuration));
      return (await readCheckpoint(runPaths(configuration).last, net, "")).position.settings;
    };
    const parts = Object.keys(recipeFields);
    assert.deepEqual(Object.keys(await settingsOf({})).filter((name) => parts.includes(name)), []);
    const { labelSmoothing, ...rest } = await settingsOf({ labelSmoothing: 0.1 });
    assert.equal(labelSmoothing, 0.1);
    assert.deepEqual(Object.keys(rest).filter((name) => parts.includes(name)), []);
  }));

Deno.test("the average is validated, evaluated and exported", () =>
  inTemporaryFolder(async (folder) => {
    const fields = { averaging: "ema", averageDecay: 0.8, averageWarmup: false, learningRate: 0.2, checkpoint: "last" };
    const configuration = await tinyRun(folder, fields);
    const paths = runPaths(configuration);
    await trainStage(configuration, testContext());
    await evaluateStage(configuration, testContext());
    const { validationLoss } = (await metricsOf(configuration)).findLast(({ epoch }) => epoch !== undefined)!;
    assertClose([(await readEvaluation(paths, "last")).loss], [validationLoss!], 1e-6);
    const net = networkOf(configuration, await loadDataset(configuration));
    const { state } = await readCheckpoint(paths.last, net, "");
    const source = await readSource({ options: configuration, paths, configuration, context: testContext() });
    assert.deepEqual(source.state, averageOf(state));
    assert.notDeepEqual(source.state["weights/dense/kernel"], state["weights/dense/kernel"]);
    const next = await tinyRun(folder, { run: "next", init: paths.last, epochs: 1, learningRate: 1e-9 });
    await trainStage(next, testContext());
    const begun = await readCheckpoint(runPaths(next).last, net, "");
    assertClose(begun.state["weights/dense/kernel"]!.data, source.state["weights/dense/kernel"]!.data, 1e-6);
  }));
