import assert from "#assert";
import { drawPictures, writeSubset } from "../../bench/transfer_subset.ts";
import { listImageFolder } from "../../data/image_folder/mod.ts";
import { writePictureFolder } from "../support/picture_folder.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const files = Array.from({ length: 60 }, (_, at) => ({ path: `${at}.png`, label: at % 3, digest: `${at}` }));
const pathsOf = (count: number, seed: number) => drawPictures(files, count, seed).map(({ path }) => path);

Deno.test("as many pictures of each class are drawn, each once; a class with fewer gives all", () => {
  const counts = (count: number) => {
    const drawn = drawPictures(files, count, 1);
    assert.equal(new Set(drawn).size, drawn.length);
    return [0, 1, 2].map((label) => drawn.filter((file) => file.label === label).length);
  };
  assert.deepEqual(counts(5), [5, 5, 5]);
  assert.deepEqual(counts(99), [20, 20, 20]);
});

Deno.test("more pictures are the fewer ones and others; another seed draws others", () => {
  const few = pathsOf(5, 1), more = new Set(pathsOf(12, 1));
  assert.deepEqual(few.filter((path) => !more.has(path)), []);
  assert.deepEqual(pathsOf(5, 1), few);
  assert.notDeepEqual(pathsOf(5, 2), few);
});

Deno.test("a written folder is a data set with the drawn pictures and all test pictures", () =>
  inTemporaryFolder(async (folder) => {
    await writePictureFolder(`${folder}/pictures/train`);
    await writePictureFolder(`${folder}/pictures/test`);
    const all = await listImageFolder(`${folder}/pictures`, 0.1);
    await writeSubset(`${folder}/few`, all, 2, 1);
    const few = await listImageFolder(`${folder}/few`, 0.1);
    const contents = (files: readonly { label: number; digest: string }[]) =>
      files.map(({ label, digest }) => `${label} ${digest}`).toSorted();
    assert.deepEqual(few.labels, all.labels);
    assert.deepEqual(contents(few.train), contents(drawPictures(all.train, 2, 1)));
    assert.deepEqual(contents(few.test), contents(all.test));
  }));
