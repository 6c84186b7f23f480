import assert from "#assert";
import { inputForms } from "../../export/variants.ts";
import { useCpu } from "../support/eager.ts";
import { likeliest, png, writeHubFolder } from "../support/hub_folder.ts";
import { outputOf, runs } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

await useCpu();
const node = await runs("node", ["--version"]);

for (const file of ["classify.js", "classify.cjs"]) {
  Deno.test({
    name: `Node classifies pictures with examples/node/${file} (needs node)`,
    ignore: !node,
    fn: () =>
      inTemporaryFolder(async (folder) => {
        const pictures = [`${folder}/a.png`, `${folder}/b.png`];
        for (const [at, path] of pictures.entries()) await Deno.writeFile(path, await png(at));
        for (const input of inputForms) {
          await writeHubFolder(folder, input);
          const printed = await outputOf("node", [`examples/node/${file}`, folder, ...pictures]);
          const expected = await Promise.all(pictures.map(async (path, at) => {
            const { label, probability } = await likeliest(at);
            return `${path}: ${label} ${(100 * probability).toFixed(1)} %\n`;
          }));
          assert.equal(printed, expected.join(""), input);
        }
      }),
  });
}
