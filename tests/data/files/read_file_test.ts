import assert from "#assert";
import { UnreadableError } from "../../../data/files/file_errors.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { openIfThere, readFile, readIfThere, textIfThere } from "../../../data/files/read_file.ts";
import { withoutStat } from "../../support/failing_stat.ts";
import { makePipe } from "../../support/odd_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

Deno.test("a missing file names what makes it", () =>
  inTemporaryFolder(async (folder) => {
    await assert.rejects(readFile(`${folder}/a`, "run `deno task b` first"), (error) =>
      error instanceof InputError && error.message === `${folder}/a does not exist; run \`deno task b\` first`);
    assert.equal(await textIfThere(`${folder}/a`), undefined);
  }));

const unreadable = (action: Promise<unknown>, why: RegExp) =>
  assert.rejects(action, (error) => error instanceof UnreadableError && why.test(error.why));

Deno.test("a file is read whole", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "größe");
    assert.equal(await textIfThere(`${folder}/a`), "größe");
    assert.deepEqual(await readIfThere(`${folder}/a`), new TextEncoder().encode("größe"));
  }));

Deno.test("a folder, a pipe and a device are refused before they are opened", {
  ignore: Deno.build.os === "windows",
}, () =>
  inTemporaryFolder(async (folder) => {
    await makePipe(`${folder}/pipe`);
    for (const read of [openIfThere, readIfThere, textIfThere]) {
      await unreadable(read(folder), /^it is a folder$/);
      await unreadable(read(`${folder}/pipe`), /^it is a pipe or a device$/);
      await unreadable(read("/dev/zero"), /^it is a pipe or a device$/);
    }
  }));

Deno.test("a file that is too large is refused before it is read", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeFile(`${folder}/sparse`, new Uint8Array());
    await Deno.truncate(`${folder}/sparse`, 6 * 2 ** 30);
    await unreadable(readFile(`${folder}/sparse`, ""), /^it has 6442\.5 MB, and 2147\.5 MB is the most/);
    await unreadable(textIfThere(`${folder}/sparse`), /268\.4 MB is the most/);
    await unreadable(readIfThere(`${folder}/sparse`, 10), /0\.0 MB is the most/);
  }));

Deno.test("a file is closed if its size cannot be asked for", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "a");
    const open = await withoutStat(() => assert.rejects(openIfThere(`${folder}/a`), /^Error: stat fails$/));
    assert.equal(open, 0);
  }));
