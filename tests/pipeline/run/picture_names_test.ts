import assert from "#assert";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { datasetPaths } from "../../../pipeline/run/paths.ts";
import { pictureNamesPath, readPictureNames } from "../../../pipeline/run/picture_names.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

Deno.test("names follow a picture that is renamed, and names or data that changed since have none", () =>
  inTemporaryFolder(async (folder) => {
    const pictures = `${folder}/pictures`, configuration = tinyFolder(folder);
    await writeClasses(`${pictures}/train`, ["a", "b"], 3);
    await writeClasses(`${pictures}/test`, ["a", "b"], 2);
    assert.equal(await pictureNamesPath(configuration), undefined);
    assert.equal(await readPictureNames(configuration), undefined);
    await preprocess.run(configuration, testContext());
    const names = await readPictureNames(configuration);
    assert.equal(names!.folder, pictures);
    assert.deepEqual(names!.test, ["test/a/0.png", "test/a/1.png", "test/b/0.png", "test/b/1.png"]);
    assert.equal(names!.train.length, 6);
    await Deno.rename(`${pictures}/test/b/1.png`, `${pictures}/test/b/new.png`);
    await preprocess.run(configuration, testContext());
    assert.equal((await readPictureNames(configuration))!.test[3], "test/b/new.png");
    await Deno.writeTextFile(datasetPaths(configuration).decoded, "other");
    assert.equal(await readPictureNames(configuration), undefined);
  }));
