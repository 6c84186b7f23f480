import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { correlate } from "../../../pipeline/commands/correlate.ts";
import { evaluate } from "../../../pipeline/commands/evaluate.ts";
import { exportModel } from "../../../pipeline/commands/export/mod.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import type { Configuration } from "../../../pipeline/configuration/fields.ts";
import { readEvaluation } from "../../../pipeline/run/evaluation_file.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { blue, writePlain } from "../../support/colour_pictures.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";

async function trained(folder: string, fields: Partial<Configuration> = {}): Promise<Configuration> {
  await writeClasses(`${folder}/pictures`, ["a", "b", "c"]);
  const configuration = tinyFolder(folder, fields);
  await preprocess.run(configuration, testContext());
  await trainStage(configuration, testContext());
  return configuration;
}

const refused = (run: Promise<unknown>, says: RegExp, what: string) =>
  assert.rejects(run, (error) => error instanceof InputError && says.test(error.message), what);

/** Changes of the pictures, and the words for them. */
const changes: Record<string, [(pictures: string) => Promise<void>, string]> = {
  "a class with another name": [
    (pictures) => Deno.rename(`${pictures}/a`, `${pictures}/z`),
    "its classes are now without a and with z",
  ],
  "a class more": [(pictures) => writeClasses(pictures, ["a", "b", "c", "d"]), "its classes are now with d"],
  "a picture more": [(pictures) => writePlain(`${pictures}/a/more.png`, blue), "it has \\d+ training and \\d+ test"],
};

for (const [what, [change, difference]] of Object.entries(changes)) {
  Deno.test(`${what}: every command that needs the run's data refuses the new data and says so`, () =>
    inTemporaryFolder(async (folder) => {
      const configuration = await trained(folder);
      await evaluate.run(configuration, testContext());
      await change(`${folder}/pictures`);
      await preprocess.run(configuration, testContext());
      const says = new RegExp(
        `dataset\\.safetensors is other data than .* was trained on: ${difference}.*; restore the data and run \`deno task ` +
          "preprocess --dataset folder --images \\S+ --image-size 8 .*`, or train again with --force$",
      );
      for (const command of [evaluate, exportModel, correlate]) {
        await refused(command.run(configuration, testContext()), says, command.name);
      }
      const step = { ...configuration, what: "training-step" as const };
      await refused(exportModel.run(step, testContext()), says, "training step");
    }));
}

Deno.test("a picture whose content changed with its size and time kept is noticed", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await trained(folder);
    const [path, other] = ["a", "b"].map((name) => `${folder}/pictures/${name}/0.png`);
    // Readers ignore the bytes behind a PNG's end.
    const content = async (path: string) => {
      const padded = new Uint8Array(400);
      padded.set(await Deno.readFile(path));
      return padded;
    };
    const [before, after] = [await content(path!), await content(other!)];
    await Deno.writeFile(path!, before);
    await preprocess.run(configuration, testContext());
    await trainStage(configuration, testContext({ force: true }));
    const { mtime } = await Deno.stat(path!);
    await Deno.writeFile(path!, after);
    await Deno.utime(path!, mtime!, mtime!);
    const context = testContext();
    await preprocess.run(configuration, context);
    assert.match(context.lines[0]!, /^preprocess: running \(files changed/);
    await refused(evaluate.run(configuration, testContext()), /is other data than/, "evaluate");
  }));

Deno.test("a run is evaluated on pictures of its own size, whatever other sizes are decoded", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await trained(folder, { imageSize: 16 });
    await evaluate.run(configuration, testContext());
    const before = await readEvaluation(runPaths(configuration), "best");
    await preprocess.run({ ...configuration, imageSize: 8 }, testContext());
    const again = testContext();
    await evaluate.run(configuration, again);
    assert.equal(again.lines[0], "evaluate: up to date");
    await evaluate.run(configuration, testContext({ force: true }));
    assert.deepEqual(await readEvaluation(runPaths(configuration), "best"), before);
  }));

Deno.test("decoded data that is missing names the preprocess command with the run's settings", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await trained(folder, { imageSize: 16, fit: "stretch" });
    await Deno.remove(`${folder}/cache`, { recursive: true });
    const says = /does not exist; run `deno task preprocess .* --image-size 16 --fit stretch --cache \S+` first$/;
    await refused(evaluate.run(configuration, testContext()), says, "evaluate");
  }));

Deno.test("a checkpoint of a run on other data is refused", () =>
  inTemporaryFolder(async (folder) => {
    const first = await trained(folder);
    await writePlain(`${folder}/pictures/a/more.png`, blue);
    const second = { ...first, run: "second" };
    await preprocess.run(second, testContext());
    await trainStage(second, testContext());
    const { best } = runPaths(first);
    await refused(
      evaluate.run({ ...second, checkpoint: best }, testContext()),
      /is other data than .*tiny\/checkpoints\/best\.safetensors was trained on; restore the data/,
      "evaluate",
    );
  }));

Deno.test("a checkpoint of a run with other settings is refused, and one of the run itself under another name is not", () =>
  inTemporaryFolder(async (folder) => {
    const first = await trained(folder);
    const other = { ...first, run: "other", labelSmoothing: 0.1 };
    await trainStage(other, testContext());
    const copy = `${folder}/copied.safetensors`;
    await Deno.copyFile(runPaths(other).last, copy);
    await evaluate.run({ ...other, checkpoint: copy }, testContext());
    await refused(
      evaluate.run({ ...first, checkpoint: copy }, testContext()),
      /copied\.safetensors is of another run than tiny: its labelSmoothing is 0\.1, not 0; name that run with --run/,
      "evaluate",
    );
    await refused(
      evaluate.run({ ...other, checkpoint: runPaths(first).last }, testContext()),
      /is of another run than other: its labelSmoothing is 0, not 0\.1/,
      "evaluate",
    );
  }));
