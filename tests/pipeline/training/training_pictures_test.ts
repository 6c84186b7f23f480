/** Runs on a part of the training pictures. */
import assert from "#assert";
import { decodeDataset, encodeDataset } from "../../../data/dataset.ts";
import { trainingPart } from "../../../data/training_pictures.ts";
import type { Configuration } from "../../../pipeline/configuration/fields.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { facts } from "../../../pipeline/report/tables.ts";
import { readRun } from "../../../pipeline/report/read_run.ts";
import { datasetPaths, runPaths } from "../../../pipeline/run/paths.ts";
import { readRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { bytesOf, metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { trainUntil } from "../../support/train_until.ts";

/** Leaves only the first pictures of the training split, by digest, in the data. */
async function leavePart(configuration: Configuration, count: number): Promise<void> {
  const { decoded } = datasetPaths(configuration);
  const dataset = decodeDataset(await Deno.readFile(decoded), decoded);
  await Deno.writeFile(decoded, encodeDataset({ ...dataset, train: trainingPart(dataset, undefined, { count }) }));
}

Deno.test("a run on 20 of 45 pictures trains as one on data of these 20 alone, and says so", () =>
  inTemporaryFolder(async (folder) => {
    const part = await tinyRun(`${folder}/a`, { trainingPictures: "20" }), context = testContext();
    const { step } = await trainStage(part, context);
    assert.equal(step, 2 * 2);
    assert.ok(context.lines.includes("train: 20 of 45 training pictures (--training-pictures 20)"));
    assert.equal((await readRunConfiguration(runPaths(part))).trainingPictures, "20");
    assert.match(facts(await readRun(part)).text, /Training pictures[^]*20[^]*of 45/);
    const alone = await tinyRun(`${folder}/b`);
    await leavePart(alone, 20);
    await trainStage(alone, testContext());
    assert.deepEqual(await metricsOf(part), await metricsOf(alone));
  }));

Deno.test("a run on a part, stopped and resumed, ends as one undisturbed; another part is refused", () =>
  inTemporaryFolder(async (folder) => {
    const whole = await tinyRun(folder, { run: "whole", trainingPictures: "20" });
    await trainStage(whole, testContext());
    const stopped = await tinyRun(folder, { run: "stopped", trainingPictures: "20" });
    await trainUntil(3, stopped);
    await trainStage(stopped, testContext({ resume: true }));
    for (const name of ["last", "best"] as const) {
      assert.deepEqual(await bytesOf(stopped, name), await bytesOf(whole, name), name);
    }
    await assert.rejects(
      trainStage({ ...stopped, trainingPictures: "all" }, testContext({ resume: true })),
      (error) => error instanceof UsageError && /trainingPictures/.test(error.message),
    );
  }));
