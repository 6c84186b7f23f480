import assert from "#assert";
import type { Field } from "../../../pipeline/configuration/fields.ts";
import { pretrainedRun } from "../../../pipeline/configuration/pretrained.ts";
import { withSuitedSize } from "../../../pipeline/run/suited_size.ts";
import { writePlain } from "../../support/colour_pictures.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyFolder } from "../../support/tiny_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

const folderOf = (sizes: readonly (readonly [number, number])[], run: (folder: string) => Promise<void>) =>
  inTemporaryFolder(async (folder) => {
    for (const [at, [width, height]] of sizes.entries()) {
      await writePlain(`${folder}/pictures/${at % 2 ? "a" : "b"}/${at}.png`, [at, 0, 0], width, height);
    }
    await run(folder);
  });

Deno.test("without a flag the image size follows the median of the shorter sides, and the log says so", () =>
  folderOf([[70, 300], [500, 140], [150, 150], [16, 16], [900, 900]], async (folder) => {
    const configuration = tinyFolder(folder), context = testContext({ given: new Set<Field>(["images"]) });
    assert.equal((await withSuitedSize("preprocess", configuration, context)).imageSize, 128);
    assert.deepEqual(context.lines, [
      "preprocess: --image-size 128, because the shorter side of half of the pictures is 140 pixels or more",
    ]);
  }));

Deno.test("a given size stays, and pictures that cannot be read do not count", () =>
  folderOf([[70, 70], [16, 16], [70, 90]], async (folder) => {
    const configuration = tinyFolder(folder);
    const given = testContext({ given: new Set<Field>(["imageSize"]) });
    assert.equal((await withSuitedSize("preprocess", configuration, given)).imageSize, 8);
    await Deno.writeTextFile(`${folder}/pictures/a/0.png`, "no picture");
    const open = testContext({ given: new Set<Field>() });
    assert.equal((await withSuitedSize("preprocess", configuration, open)).imageSize, 64);
  }));

Deno.test("the network of --init pretrained has the stem of its weights for small pictures, and auto for larger ones", () =>
  folderOf([[40, 40], [150, 150]], async (folder) => {
    const carried = pretrainedRun().network.stem;
    const stemFor = async (given: readonly Field[], size: number) => {
      for (const name of ["a/0", "b/1"]) await writePlain(`${folder}/pictures/${name}.png`, [9, 0, 0], size, size);
      const configuration = { ...tinyFolder(folder), init: "pretrained", stem: "4" as const };
      return (await withSuitedSize("train", configuration, testContext({ given: new Set(given) }))).stem;
    };
    assert.equal(await stemFor([], 40), carried);
    assert.equal(await stemFor([], 128), "auto");
    assert.equal(await stemFor(["stem"], 128), "4");
  }));
