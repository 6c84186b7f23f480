/** The stress tasks at a size for every day, and the inputs on which the program has failed before. */
import assert from "#assert";
import { fileURLToPath } from "node:url";
import { fuzzTargets } from "./stress/fuzz_targets.ts";
import { inputOf, outcomeOf } from "./stress/fuzzing.ts";
import { killAndResume } from "./stress/kill_resume.ts";
import { outputOf } from "./support/program.ts";
import { inTemporaryFolder } from "./support/temporary_folder.ts";

const corpus = fileURLToPath(new URL("stress/corpus/", import.meta.url));

Deno.test("inputs that the program failed on are refused in one sentence", () =>
  inTemporaryFolder(async (folder) => {
    const targets = await fuzzTargets(folder);
    for await (const { name } of Deno.readDir(corpus)) {
      for await (const { name: file } of Deno.readDir(`${corpus}${name}`)) {
        await outcomeOf(targets[name]!, await Deno.readFile(`${corpus}${name}/${file}`));
      }
    }
  }));

Deno.test("changed inputs are read as what they were or refused in one sentence", () =>
  inTemporaryFolder(async (folder) => {
    for (const target of Object.values(await fuzzTargets(folder))) {
      for (let number = 20_000; number < 20_025; number++) await outcomeOf(target, inputOf(target, number));
    }
  }));

Deno.test("training that is killed and continued ends with the bytes of a run that was not", () =>
  killAndResume({ kills: 2, epochs: 8, seed: 2, stages: ["train"] }, () => {}));

Deno.test("in 80 steps no tensor and no open file is left over", async () => {
  const soak = new URL("stress/soak.ts", import.meta.url);
  const code = `import { growthOf, soak } from "${soak}"; console.log(JSON.stringify(growthOf(await soak(80))));`;
  // In a process of its own: files of other tests count too.
  const printed = await outputOf(Deno.execPath(), [
    "eval",
    "--config",
    fileURLToPath(new URL("../deno.json", import.meta.url)),
    code,
  ]);
  const { tensors, files } = JSON.parse(printed.trim().split("\n").at(-1)!);
  assert.deepEqual({ tensors, files }, { tensors: 0, files: 0 });
});
