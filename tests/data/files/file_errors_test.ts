import assert from "#assert";
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
