import assert from "#assert";
import { keepAs, removeLeftovers, replaceFile, stageFile, writeFileAtomic } from "../../../data/files/files.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

Deno.test("a file is written whole, in folders that are made", () =>
  inTemporaryFolder(async (folder) => {
    await writeFileAtomic(`${folder}/a/b/c.txt`, "text");
    assert.equal(await Deno.readTextFile(`${folder}/a/b/c.txt`), "text");
  }));

Deno.test("a write that fails leaves the file as it was, and nothing beside it", () =>
  inTemporaryFolder(async (folder) => {
    await writeFileAtomic(`${folder}/c.txt`, "before");
    const failing = replaceFile(`${folder}/c.txt`, async (file) => {
      await file.write(new Uint8Array(5));
      throw new Error("no");
    });
    await assert.rejects(failing, /^Error: no$/);
    assert.equal(await Deno.readTextFile(`${folder}/c.txt`), "before");
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["c.txt"]);
  }));

const namesIn = async (folder: string) =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).toSorted();

Deno.test("a staged file has its name only when it is committed, and is gone when it is discarded", () =>
  inTemporaryFolder(async (folder) => {
    const stage = () => stageFile(`${folder}/a`, async (file) => void await file.write(new Uint8Array(3)));
    const [first, second] = [await stage(), await stage()];
    assert.equal((await namesIn(folder)).includes("a"), false);
    await first.discard();
    await second.commit();
    assert.deepEqual(await namesIn(folder), ["a"]);
    await assert.rejects(stageFile(`${folder}/none/a`, async () => {}), /its folder does not exist/);
  }));

Deno.test("the content of a file is kept under another name when the file is replaced", () =>
  inTemporaryFolder(async (folder) => {
    const [path, other] = [`${folder}/last`, `${folder}/previous`];
    for (const text of ["1", "2", "3"]) {
      if (text !== "1") await keepAs(path, other);
      await writeFileAtomic(path, text);
    }
    assert.deepEqual([await Deno.readTextFile(path), await Deno.readTextFile(other)], ["3", "2"]);
    await assert.rejects(keepAs(`${folder}/none`, other), InputError);
    assert.deepEqual(await namesIn(folder), ["last", "previous"]);
  }));

Deno.test("leftovers of writers are removed, whatever else there is stays", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/checkpoints`);
    const leftover = `checkpoints/last.safetensors.${crypto.randomUUID()}.part`;
    for (const name of [leftover, "archive.tar.gz.part", "archive.tar.gz.part.version", "notes.part"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    await removeLeftovers(folder);
    assert.deepEqual(await namesIn(folder), [
      "archive.tar.gz.part",
      "archive.tar.gz.part.version",
      "checkpoints",
      "notes.part",
    ]);
    assert.deepEqual(await namesIn(`${folder}/checkpoints`), []);
  }));
