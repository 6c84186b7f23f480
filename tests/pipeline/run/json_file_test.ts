import assert from "#assert";
import { z } from "zod";
import { InputError } from "../../../data/files/input_error.ts";
import { parseLines, readJson, readJsonIfThere, writeJson } from "../../../pipeline/run/json_file.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const Point = z.object({ x: z.number() });

const refused = (action: Promise<unknown>, says: RegExp) =>
  assert.rejects(action, (error) => error instanceof InputError && says.test(error.message));

Deno.test("a value is written as indented JSON with a last newline, and read back", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/point.json`;
    await writeJson(path, { x: 1 });
    assert.equal(await Deno.readTextFile(path), '{\n  "x": 1\n}\n');
    assert.deepEqual(await readJson(path, Point, "draw"), { x: 1 });
  }));

Deno.test("a missing file is undefined, or an error that names the task that writes it", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/point.json`;
    assert.equal(await readJsonIfThere(path, Point, "draw"), undefined);
    await refused(
      readJson(path, Point, "draw --run a"),
      /point\.json does not exist; run `deno task draw --run a` first$/,
    );
  }));

for (const text of ["", "{", '{"x":"1"}', "null"]) {
  Deno.test(`a file with ${JSON.stringify(text)} is refused, and its task is named`, () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/point.json`;
      await Deno.writeTextFile(path, text);
      const says = /point\.json is not as `deno task draw` writes it; run it again with --force$/;
      await refused(readJson(path, Point, "draw"), says);
      await refused(readJsonIfThere(path, Point, "draw"), says);
    }));
}

Deno.test("lines that are cut off or do not match are left out", () => {
  assert.deepEqual(parseLines('{"x":1}\n\n{"y":2}\n{"x":3}\n{"x":', Point), [{ x: 1 }, { x: 3 }]);
});
