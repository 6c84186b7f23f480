import assert from "#assert";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { type Field, fieldNames } from "../../../pipeline/configuration/fields.ts";
import { pretrainedRun } from "../../../pipeline/configuration/pretrained.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { withPictureSettings, writeLatestSettings } from "../../../pipeline/run/picture_settings.ts";
import { writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";

/** Decodes a folder at 16 pixels; later commands are told nothing, and have the defaults. */
const afterPreprocess = (run: (configuration: ReturnType<typeof tinyFolder>) => Promise<void>) => () =>
  inTemporaryFolder(async (folder) => {
    await writeClasses(`${folder}/pictures`, ["a", "b"]);
    await preprocess.run(tinyFolder(folder, { imageSize: 16, fit: "pad" }), testContext());
    await run(tinyFolder(folder, { imageSize: 32 }));
  });

const told = (...fields: Field[]) => new Set<Field>(["dataset", "images", ...fields]);

Deno.test(
  "without a flag, pictures are as the last preprocess decoded them, and the log says so",
  afterPreprocess(async (configuration) => {
    const context = testContext({ given: told() });
    const chosen = await withPictureSettings("train", configuration, runPaths(configuration), context);
    assert.deepEqual(chosen, { ...configuration, imageSize: 16, fit: "pad" });
    assert.deepEqual(context.lines, ["train: the last preprocess had --image-size 16 --fit pad"]);
  }),
);

Deno.test(
  "a flag holds, and the settings without a flag are as the last preprocess decoded the pictures",
  afterPreprocess(async (configuration) => {
    const context = testContext({ given: told("fit", "unreadable") });
    const flags = { ...configuration, fit: "stretch", unreadable: "skip" } as const;
    const chosen = await withPictureSettings("train", flags, runPaths(flags), context);
    assert.deepEqual(chosen, { ...flags, imageSize: 16 });
    assert.deepEqual(context.lines, ["train: the last preprocess had --image-size 16"]);
  }),
);

Deno.test(
  "a configuration that gives every setting stays as it is, as in the chain of all stages",
  afterPreprocess(async (configuration) => {
    for (const given of [new Set(fieldNames), undefined]) {
      const context = testContext(given && { given });
      assert.deepEqual(
        await withPictureSettings("train", configuration, runPaths(configuration), context),
        configuration,
      );
      assert.deepEqual(context.lines, []);
    }
  }),
);

Deno.test(
  "a run that resumes keeps its own settings, if it is of the same folder",
  afterPreprocess(async (configuration) => {
    const paths = runPaths(configuration);
    const context = testContext({ given: told(), resume: true });
    await writeRunConfiguration({ ...configuration, imageSize: 48 });
    assert.equal((await withPictureSettings("train", configuration, paths, context)).imageSize, 48);
    await writeRunConfiguration({ ...configuration, imageSize: 48, images: "/elsewhere" });
    assert.equal((await withPictureSettings("train", configuration, paths, context)).imageSize, 16);
  }),
);

Deno.test("the network of --init pretrained has the stem for the size of the last preprocess, as in the chain of all stages", () =>
  inTemporaryFolder(async (folder) => {
    const carried = pretrainedRun().network.stem;
    const stemAt = async (imageSize: number, ...fields: Field[]) => {
      const settings = tinyFolder(folder, { imageSize });
      await writeLatestSettings(settings);
      const configuration = { ...settings, imageSize: 32, init: "pretrained", stem: carried };
      const context = testContext({ given: told(...fields) });
      return (await withPictureSettings("train", configuration, runPaths(configuration), context)).stem;
    };
    assert.equal(await stemAt(32), carried);
    assert.equal(await stemAt(128), "auto");
    assert.equal(await stemAt(128, "stem"), carried);
  }));
