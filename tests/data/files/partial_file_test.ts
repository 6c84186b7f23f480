import assert from "#assert";
import { createHash } from "node:crypto";
import { isPublished, PartialFile } from "../../../data/files/partial_file.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const content = Uint8Array.of(1, 2, 3, 4);
const published = { bytes: 4, md5: createHash("md5").update(content).digest("hex") };

Deno.test("a part grows, is checked, and gets the file's name", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/file`, part = new PartialFile(path);
    assert.deepEqual([await part.size(), await part.version()], [0, undefined]);
    {
      using file = await part.open(0, '"v1"');
      await file.write(content.subarray(0, 3));
    }
    assert.deepEqual([await part.size(), await part.version()], [3, '"v1"']);
    assert.match((await part.mismatch(published))!, /^got 3 bytes with MD5 .*, expected 4 bytes with MD5 /);
    {
      using file = await part.open(3, '"v1"');
      await file.write(content.subarray(3));
    }
    assert.equal(await part.mismatch(published), undefined);
    await part.rename();
    assert.ok(await isPublished(path, published));
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["file"]);
  }));

Deno.test("a part that is begun again forgets its bytes and its version; a weak validator is not kept", () =>
  inTemporaryFolder(async (folder) => {
    const part = new PartialFile(`${folder}/file`);
    {
      using file = await part.open(0, '"v1"');
      await file.write(content);
    }
    (await part.open(0, 'W/"v2"')).close();
    assert.deepEqual([await part.size(), await part.version()], [0, undefined]);
    await part.discard();
    assert.equal(await isPublished(`${folder}/file`, published), false);
  }));
