import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyRun } from "../../support/tiny_run.ts";

Deno.test("a decoded data set is loaded", () =>
  inTemporaryFolder(async (folder) => {
    const { name, train, test } = await loadDataset(await tinyRun(folder));
    assert.deepEqual([name, train.count, test.count], ["shapes", 45, 20]);
  }));

for (
  const [fields, task] of [
    [{ dataset: "cifar-10" }, "preprocess --dataset cifar-10"],
    [{ dataset: "folder", images: "my/pictures" }, "preprocess --dataset folder --images my/pictures --image-size 32"],
    [
      { dataset: "folder", images: "it's mine", imageSize: 48, fit: "pad", holdOut: 0.2, unreadable: "skip" },
      "preprocess --dataset folder --images 'it'\\''s mine' --image-size 48 --fit pad --hold-out 0.2 --unreadable skip",
    ],
  ] as const
) {
  Deno.test(`a data set that is missing names \`${task}\``, () =>
    inTemporaryFolder((cache) =>
      assert.rejects(
        loadDataset({ ...resolveConfiguration("quick", undefined, fields), cache }),
        (error) =>
          error instanceof InputError &&
          error.message.endsWith(`does not exist; run \`deno task ${task} --cache ${cache}\` first`),
      )
    ));
}
