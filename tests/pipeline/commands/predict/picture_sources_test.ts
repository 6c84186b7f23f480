import assert from "#assert";
import { picturesOf } from "../../../../pipeline/commands/predict/picture_sources.ts";
import { link, writeTree } from "../../../support/picture_tree.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";

Deno.test("of a folder, each picture is found once, and one that cannot be read is named", () =>
  inTemporaryFolder(async (folder) => {
    await writeTree(folder, ["a/2.jfif", "a/b/1.png", "a/notes.txt", "a/__MACOSX/1.png", "a/.1.png"]);
    await link(`${folder}/a/up`, "..");
    await link(`${folder}/a/b/again.png`, "1.png");
    await link(`${folder}/a/dead.png`, "nowhere");
    assert.deepEqual(await picturesOf([`${folder}/a/`], false, () => {}), [
      ...[`${folder}/a/2.jfif`, `${folder}/a/b/1.png`, `${folder}/a/dead.png`],
    ]);
  }));

Deno.test("of a mixed folder, the log says what is left out", () =>
  inTemporaryFolder(async (folder) => {
    await writeTree(folder, ["a/1.png", "a/2.heic", "a/b/3.bmp", "a/notes.txt"]);
    const lines: string[] = [];
    assert.deepEqual(await picturesOf([`${folder}/a`], false, (line) => lines.push(line)), [`${folder}/a/1.png`]);
    assert.deepEqual(lines, [
      "predict: left out pictures that need converting to jpg or png (2): 2.heic, b/3.bmp",
      "predict: left out other files (1): notes.txt",
    ]);
  }));

Deno.test("a folder without pictures is refused, with what it has instead", () =>
  inTemporaryFolder(async (folder) => {
    await writeTree(folder, ["a/1.HEIC", "a/2.heic"]);
    await assert.rejects(
      picturesOf([`${folder}/a`], false, () => assert.fail("logged")),
      /a has no images \(png, .*\), only 2 pictures that need converting to jpg or png$/,
    );
  }));
