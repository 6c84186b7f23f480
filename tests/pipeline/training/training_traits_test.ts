import assert from "#assert";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
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

const quick = resolveConfiguration("quick", undefined, {});
const pictures = resolveConfiguration("quick", undefined, { dataset: "folder", images: "pictures" });

Deno.test("the settings of a checkpoint change with the mathematics and the data, not with the conduct", () => {
  const settings = json(settingsOf(quick, "abc", 1));
  assert.deepEqual(json(settingsOf({ ...quick, maxSteps: 3, logEvery: 7 } as never, "abc", 2)), settings);
  assert.notDeepEqual(json(settingsOf({ ...quick, momentum: 0.5 }, "abc", 1)), settings);
  assert.notDeepEqual(json(settingsOf(quick, "other", 1)), settings);
});

Deno.test("the size of pictures is a setting of a folder alone", () => {
  const withSize = (configuration: typeof quick, imageSize: number) =>
    json(settingsOf({ ...configuration, imageSize }, "abc", 1));
  assert.notDeepEqual(withSize(pictures, 16), withSize(pictures, 32));
  assert.deepEqual(withSize(quick, 16), withSize(quick, 32));
});

Deno.test("the number of processes is a setting where batch norm is of each process", () => {
  const alone = { ...quick, syncBatchNorm: false };
  assert.deepEqual(settingsOf(quick, "abc", 1), settingsOf(quick, "abc", 4));
  assert.notDeepEqual(settingsOf(alone, "abc", 1), settingsOf(alone, "abc", 4));
});

Deno.test("the stem is a setting by its factor, and left out where it is that of earlier versions", () => {
  const stemOf = (fields: Partial<typeof quick>) => settingsOf({ ...pictures, ...fields }, "abc", 1)["stem"];
  assert.deepEqual([32, 48, 64, 128, 224].map((imageSize) => stemOf({ imageSize })), [
    ...[undefined, undefined, "2", "4", "4"],
  ]);
  assert.equal(stemOf({ imageSize: 224, stem: "1" }), undefined);
  assert.equal(stemOf({ imageSize: 32, stem: "2" }), "2");
});

Deno.test("freezing and the rate of the body are settings where they are used", () => {
  const settings = (fields: Partial<typeof quick>) => json(settingsOf({ ...quick, ...fields }, "abc", 1));
  assert.deepEqual(settings({ freeze: "none", bodyRate: 1 }), settings({}));
  assert.equal(settings({ freeze: "stage1" }).freeze, "stage1");
  assert.equal(settings({ bodyRate: 0.1 }).bodyRate, 0.1);
});
