/** Training where the disk fails it: full, read-only, gone. */
import assert from "#assert";
import { InputError } from "../../data/files/input_error.ts";
import { writeFileAtomic } from "../../data/files/files.ts";
import { runPaths } from "../../pipeline/run/paths.ts";
import { train } from "../../pipeline/commands/train.ts";
import { canMount, onSmallDisk } from "../support/small_disk.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { testContext, tinyRun } from "../support/tiny_run.ts";

/** Continues a run, and calls `then` when an epoch is done, before its checkpoint is written. */
const afterEpoch = (epoch: number, then: () => void) =>
  testContext({ resume: true, log: (line) => line.startsWith(`epoch ${epoch}/`) && then() });

const ignore = !canMount;

Deno.test("a full disk: one sentence, the checkpoint before it is whole, and the run goes on when there is room", {
  ignore,
}, () =>
  onSmallDisk(4000, async (disk) => {
    const whole = await tinyRun(disk.folder, { run: "whole" });
    await train.run(whole, testContext());
    const configuration = await tinyRun(disk.folder, { maxSteps: 4 });
    await train.run(configuration, testContext());
    const { last, folder } = runPaths(configuration);
    const before = await Deno.readFile(last);
    const filled = train.run({ ...configuration, maxSteps: 8 }, afterEpoch(2, () => disk.fill()));
    const isFull = (error: unknown) =>
      error instanceof InputError && /^cannot write .*: the disk is full$/.test(error.message);
    await assert.rejects(filled, isFull);
    assert.deepEqual(await Deno.readFile(last), before);
    await assert.rejects(train.run({ ...configuration, maxSteps: 8 }, testContext({ resume: true })), isFull);
    assert.deepEqual(await Deno.readFile(last), before);
    assert.deepEqual(
      (await filesBelow(folder)).filter((name) => name.endsWith(".part")),
      [],
    );
    await disk.free();
    await train.run({ ...configuration, maxSteps: 8 }, testContext({ resume: true }));
    assert.deepEqual(await Deno.readFile(last), await Deno.readFile(runPaths(whole).last));
  }));

Deno.test(
  "a read-only disk: one sentence, and what was there is as it was",
  { ignore },
  () =>
    onSmallDisk(4000, async (disk) => {
      const configuration = await tinyRun(disk.folder, { maxSteps: 4 });
      await train.run(configuration, testContext());
      const before = await Deno.readFile(runPaths(configuration).last);
      await disk.readOnly(true);
      const refused = (action: Promise<unknown>) =>
        assert.rejects(
          action,
          (error) =>
            error instanceof InputError && /^cannot write .*: the file system is read-only$/.test(error.message),
        );
      await refused(train.run({ ...configuration, maxSteps: 8 }, testContext({ resume: true })));
      await refused(writeFileAtomic(`${disk.folder}/file`, "x"));
      const again = testContext();
      await train.run(configuration, again);
      assert.deepEqual(again.lines, ["train: up to date", "report: up to date"], "what holds needs no writing");
      assert.deepEqual(await Deno.readFile(runPaths(configuration).last), before);
      await disk.readOnly(false);
    }),
);

Deno.test("a folder that is removed while a run is at work is not made again: one sentence", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const run = runPaths(configuration).folder;
    const context = afterEpoch(1, () => Deno.removeSync(run, { recursive: true }));
    await assert.rejects(
      train.run(configuration, context),
      (error) => error instanceof InputError && /^cannot write .*: its folder does not exist$/.test(error.message),
    );
    await assert.rejects(Deno.stat(run), Deno.errors.NotFound);
  }));

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    files.push(...isDirectory ? await filesBelow(`${folder}/${name}`) : [name]);
  }
  return files;
}
