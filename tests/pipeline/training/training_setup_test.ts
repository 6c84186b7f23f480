import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { alone } from "../../../engine/distributed/process_group.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { type Team, teamOf } from "../../../pipeline/training/team.ts";
import { prepareTraining } from "../../../pipeline/training/training_setup.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

const team = (size = 1): Team => ({ ...teamOf(alone, new AbortController().signal), size });

Deno.test("steps of an epoch are whole batches", () =>
  inTemporaryFolder(async (folder) => {
    // 45 images in batches of 10.
    const { stepsPerEpoch } = await prepareTraining(await tinyRun(folder), testContext(), team());
    assert.equal(stepsPerEpoch, 4);
  }));

Deno.test("a missing data set names the command that makes it", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = { ...await tinyRun(folder), cache: `${folder}/other` };
    await assert.rejects(prepareTraining(configuration, testContext(), team()), (error) =>
      error instanceof InputError &&
      /dataset\.safetensors does not exist; run `deno task preprocess --dataset shapes --cache \S+` first/.test(
        error.message,
      ));
  }));

Deno.test("a batch that is larger than the training split, or that processes cannot share equally, is refused", () =>
  inTemporaryFolder(async (folder) => {
    const refused = async (batch: number, processes: number, says: RegExp) =>
      await assert.rejects(
        prepareTraining(await tinyRun(folder, { batch }), testContext(), team(processes)),
        (error) => error instanceof UsageError && says.test(error.message),
      );
    await refused(46, 1, /--batch: 46 is more than the 45 training images/);
    await refused(10, 3, /--batch: 10 images cannot be shared equally by 3 processes; choose a multiple/);
  }));

Deno.test("a size of images above the data set's is refused", () =>
  inTemporaryFolder(async (folder) =>
    await assert.rejects(
      prepareTraining(await tinyRun(folder, { sizes: "16:1,40:2" }), testContext(), team()),
      (error) =>
        error instanceof UsageError &&
        error.message === "--sizes: 40 is more than the 32 pixels of the data set's images",
    )
  ));
