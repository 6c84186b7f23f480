import assert from "#assert";
import { notRead } from "../../../data/files/file_errors.ts";
import { writeFileAtomic } from "../../../data/files/files.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

Deno.test("an error of writing names the file and the reason", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const refused = (path: string, says: RegExp) =>
      assert.rejects(writeFileAtomic(path, "x"), (error) => error instanceof InputError && says.test(error.message));
    await refused(`${folder}/file/a.txt`, /^cannot write .*\/file\/a\.txt: /);
    await Deno.mkdir(`${folder}/folder`);
    await refused(`${folder}/folder`, /^cannot write .*\/folder: /);
  }));

Deno.test("a file that Deno opens with all permissions only is of the system; another permission stays missing", () => {
  const ofTheSystem = new Deno.errors.NotCapable('Requires all access to "/dev/stdin", run again with --allow-all');
  assert.equal(
    String(notRead("/dev/stdin", ofTheSystem)),
    "InputError: cannot read /dev/stdin: it is a device or a file of the system",
  );
  const missing = new Deno.errors.NotCapable('Requires read access to "/a", run again with --allow-read');
  assert.equal(notRead("/a", missing), missing);
});
