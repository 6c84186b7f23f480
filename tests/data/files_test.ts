import assert from "node:assert/strict";
import { readFile, replaceFile, writeFileAtomic } from "../../data/files.ts";
import { InputError } from "../../data/input_error.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

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

Deno.test("where nothing can be written, the file and the reason are named", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const refused = (path: string, says: RegExp) =>
      assert.rejects(writeFileAtomic(path, "x"), (error) => error instanceof InputError && says.test(error.message));
    await refused(`${folder}/file/a.txt`, /^cannot write .*\/file\/a\.txt: /);
    await Deno.mkdir(`${folder}/folder`);
    await refused(`${folder}/folder`, /^cannot write .*\/folder: /);
  }));

Deno.test("a missing file names what makes it", () =>
  inTemporaryFolder(async (folder) => {
    await assert.rejects(readFile(`${folder}/a`, "run `deno task b` first"), (error) =>
      error instanceof InputError && error.message === `${folder}/a does not exist; run \`deno task b\` first`);
    await assert.rejects(readFile(folder, ""), (error) =>
      error instanceof InputError && /it is a folder/.test(error.message));
  }));
