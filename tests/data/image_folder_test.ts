import assert from "#assert";
import { listImageFolder } from "../../data/image_folder.ts";
import { InputError } from "../../data/files/input_error.ts";
import { blue, green, red, writePlain } from "../support/colour_pictures.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

Deno.test("train and test folders are the splits; classes are the folders' names, images those at any depth", () =>
  inTemporaryFolder(async (folder) => {
    await writePlain(`${folder}/train/dog/1.png`, red);
    await writePlain(`${folder}/train/dog/more/2.webp`, red);
    await writePlain(`${folder}/train/cat/1.jpg`, blue);
    await writePlain(`${folder}/val/cat/9.JPEG`, blue);
    await Deno.writeTextFile(`${folder}/train/cat/notes.txt`, "not an image");
    const { labels, train, test } = await listImageFolder(folder, 0.5);
    assert.deepEqual(labels, ["cat", "dog"]);
    const names = (files: typeof train) => files.map(({ path, label }) => [path.slice(folder.length + 1), label]);
    assert.deepEqual(names(train), [["train/cat/1.jpg", 0], ["train/dog/1.png", 1], ["train/dog/more/2.webp", 1]]);
    assert.deepEqual(names(test), [["val/cat/9.JPEG", 0]]);
  }));

Deno.test("without a test folder pictures of every class are held out, the same each time", () =>
  inTemporaryFolder(async (folder) => {
    for (let at = 0; at < 10; at++) {
      await writePlain(`${folder}/a/${at}.png`, [255, at, 0]);
      if (at < 3) await writePlain(`${folder}/b/${at}.png`, [0, at, 255]);
    }
    const listed = await listImageFolder(folder, 0.2);
    for (const label of [0, 1]) {
      for (const split of [listed.train, listed.test]) assert.ok(split.some((file) => file.label === label));
    }
    const paths = [...listed.train, ...listed.test].map(({ path }) => path);
    assert.equal(new Set(paths).size, 13);
    assert.deepEqual(await listImageFolder(folder, 0.2), listed);
  }));

Deno.test("another file, or a file that has changed, has another digest", () =>
  inTemporaryFolder(async (folder) => {
    for (const path of ["a/1.png", "b/1.png"]) await writePlain(`${folder}/${path}`, red);
    for (const path of ["a/2.png", "b/2.png"]) await writePlain(`${folder}/${path}`, blue);
    const digest = async () => (await listImageFolder(folder, 0.5)).digest;
    const before = await digest();
    await Deno.utime(`${folder}/a/1.png`, 1e9, 1e9);
    assert.equal(await digest(), before, "a time is no content");
    const content = await Deno.readFile(`${folder}/a/1.png`);
    await Deno.writeFile(`${folder}/a/1.png`, content.with(-1, content.at(-1)! ^ 1));
    await Deno.utime(`${folder}/a/1.png`, 1e9, 1e9);
    const changed = await digest();
    assert.notEqual(changed, before, "the content changed; size and time did not");
    await writePlain(`${folder}/b/3.png`, green);
    assert.notEqual(await digest(), changed);
  }));

const refused: Record<string, [(folder: string) => Promise<unknown>, RegExp]> = {
  "no folder": [() => Promise.resolve(), /data does not exist$/],
  "a file": [(data) => Deno.writeTextFile(data, ""), /data is not a folder$/],
  "one class": [(data) => writePlain(`${data}/a/1.png`, red), /data has 1 folders of classes, not 2 or more$/],
  "a class without images": [
    async (data) => {
      await writePlain(`${data}/a/1.png`, red);
      await Deno.mkdir(`${data}/b`);
    },
    /data\/b has no images \(png, jpg, /,
  ],
  "one image a class and no test folder": [
    async (data) => {
      await writePlain(`${data}/a/1.png`, red);
      await writePlain(`${data}/b/1.png`, red);
    },
    /data has no class of two different images, so none can be held out/,
  ],
  "a test folder of no class": [
    async (data) => {
      await writePlain(`${data}/train/a/1.png`, red);
      await writePlain(`${data}/train/b/1.png`, red);
      await writePlain(`${data}/test/c/1.png`, red);
    },
    /data\/test\/c is of no class; .*data\/train has no folder of that name$/,
  ],
};

for (const [what, [make, says]] of Object.entries(refused)) {
  Deno.test(`refused: ${what}`, () =>
    inTemporaryFolder(async (folder) => {
      await make(`${folder}/data`);
      await assert.rejects(
        listImageFolder(`${folder}/data`, 0.1),
        (error) => error instanceof InputError && says.test(error.message),
      );
    }));
}
