import assert from "#assert";
import sharp from "sharp";
import { augmentPreview } from "../../../pipeline/commands/augment_preview.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

Deno.test("the sheet is a picture with a row an image, the image itself first", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { augment: "cutout:32", examples: 3 });
    const context = testContext();
    await augmentPreview.run(configuration, context);
    assert.match(context.lines[0]!, /^augment-preview: cutout 32: zero in a square/);
    const image = sharp(runPaths(configuration).augmentation);
    const { width, height } = await image.metadata();
    assert.deepEqual([width, height], [9 * 102 - 6, 3 * 102 - 6]);
    const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
    const pixel = (y: number, x: number) => data[(y * info.width + x) * info.channels]!;
    // Pictures of class 0 are dark; what is cut out is the mean, half bright.
    assert.ok(pixel(48, 48) < 60, "the image as it is");
    const grey = [1, 2, 3, 4, 5, 6, 7, 8].map((column) => pixel(48, column * 102 + 48));
    assert.ok(grey.some((value) => Math.abs(value - 128) <= 1), `${grey}`);
  }));
