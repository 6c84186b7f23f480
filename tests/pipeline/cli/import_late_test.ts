import assert from "#assert";
import { lateImports } from "../../../pipeline/cli/import_late.ts";

const pipeline = new URL("../../../pipeline/", import.meta.url);

Deno.test("a module is imported from beside the file", async () => {
  const late = lateImports(new URL("cli/help.ts", pipeline).href);
  const { shellWord } = await late<typeof import("../../../pipeline/cli/shell_word.ts")>("./shell_word.ts");
  assert.equal(shellWord("a b"), "'a b'");
});

Deno.test("the lists of commands have no import that Deno follows at start", async () => {
  for (const file of ["commands/mod.ts", "commands/missing_stages.ts"]) {
    const text = await Deno.readTextFile(new URL(file, pipeline));
    const late = [...text.matchAll(/late<typeof import\("(.+)"\)>\("(.+)"\)/g)];
    assert.ok(late.length > 0);
    for (const [, module, path] of late) assert.equal(path, module);
    assert.equal(text.matchAll(/\bimport\(/g).toArray().length, late.length, file);
  }
});
