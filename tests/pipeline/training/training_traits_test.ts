import assert from "#assert";
import { datasetPaths } from "../../../pipeline/run/paths.ts";
import { settingsOf, trainingTraits } from "../../../pipeline/training/training_traits.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyRun } from "../../support/tiny_run.ts";

const json = (value: unknown) => JSON.parse(JSON.stringify(value));

Deno.test("processes may differ in the paths of data and of the first checkpoint, not in mathematics", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const traits = json(await trainingTraits(configuration));
    const elsewhere = { ...configuration, init: "/elsewhere", images: "/elsewhere", runs: "/elsewhere" };
    assert.deepEqual(json(await trainingTraits(elsewhere)), traits);
    assert.notDeepEqual(json(await trainingTraits({ ...configuration, seed: 2 })), traits);
  }));

Deno.test("the settings of a checkpoint change with the mathematics and the data, not with the conduct", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const settings = json(await settingsOf(configuration));
    assert.deepEqual(json(await settingsOf({ ...configuration, maxSteps: 3, logEvery: 7 } as never)), settings);
    assert.notDeepEqual(json(await settingsOf({ ...configuration, momentum: 0.5 })), settings);
    await Deno.writeTextFile(datasetPaths(configuration).decoded, "other data");
    assert.notEqual(json(await settingsOf(configuration)).data, settings.data);
  }));
