import assert from "#assert";
import sharp from "sharp";
import { augmentPreview } from "../../../pipeline/commands/augment_preview.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import type { Configuration, Field, Given } from "../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";

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

Deno.test("with --run, the pictures are those that the run was trained on, and flags for others are refused", () =>
  inTemporaryFolder(async (folder) => {
    await writeClasses(`${folder}/pictures`, ["a", "b"]);
    const configuration = tinyFolder(folder, { imageSize: 16, maxSteps: 1, examples: 1 });
    await preprocess.run(configuration, testContext());
    await trainStage(configuration, testContext());
    const preview = async (fields: Given, ...given: Field[]) => {
      const options = resolveConfiguration("quick", undefined, { ...place(configuration), examples: 1, ...fields });
      await augmentPreview.run(options, testContext({ given: new Set<Field>(["run", ...given]) }));
    };
    await preview({});
    const { height } = await sharp(runPaths(configuration).augmentation).metadata();
    assert.equal(height, 96, "16 pixels, six times");
    await assert.rejects(
      preview({ ...data(configuration), imageSize: 32 }, "dataset", "images", "imageSize"),
      /^UsageError: --image-size: 32 is not the run's, which was trained with 16; leave --image-size out, or choose/,
    );
    await Deno.rename(`${folder}/pictures/a`, `${folder}/pictures/z`);
    await preprocess.run(configuration, testContext());
    await assert.rejects(
      preview({}),
      /is other data than the run tiny was trained on: its classes are now without a and with z/,
    );
  }));

const place = ({ run, runs, cache }: Configuration) => ({ run, runs, cache });
const data = ({ dataset, images }: Configuration) => ({ dataset, images });
