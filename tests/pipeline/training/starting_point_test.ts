import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { encodeSafetensors } from "../../../data/files/safetensors.ts";
import { preprocess } from "../../../pipeline/commands/preprocess.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { bytesOf, metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
import { tinyFolder, writeClasses } from "../../support/tiny_folder.ts";

Deno.test("a run with checkpoints needs --resume or --force, and with other settings --force", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 2 });
    await trainStage(configuration, testContext());
    const other = { ...configuration, learningRate: 0.01 };
    const refused = (resume: boolean, says: RegExp) =>
      assert.rejects(
        trainStage(other, testContext({ resume })),
        (error) => error instanceof UsageError && says.test(error.message),
      );
    await refused(false, /last\.safetensors is there: continue the run with --resume, begin it again with --force/);
    await refused(true, /the run tiny was begun with learningRate 0\.05, not 0\.01/);
    await trainStage(other, testContext({ force: true }));
    assert.equal((await metricsOf(configuration))[0]!["learningRate"], 0.01);
  }));

Deno.test("--resume is refused for fewer steps than are done, and for another --no-sync-batch-norm", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 3 });
    await trainStage(configuration, testContext());
    const before = await bytesOf(configuration, "last");
    const refused = (fields: Partial<typeof configuration>, says: RegExp) =>
      assert.rejects(
        trainStage({ ...configuration, ...fields }, testContext({ resume: true })),
        (error) => error instanceof UsageError && says.test(error.message),
      );
    await refused({ maxSteps: 2 }, /^--max-steps: the run tiny has done 3 steps, more than 2; name a larger number/);
    await refused(
      { syncBatchNorm: false },
      /begun with syncBatchNorm true, not false; continue it as it was with --config \S+tiny\/config.json --resume, choose/,
    );
    assert.deepEqual(await bytesOf(configuration, "last"), before);
    const { maxSteps } = JSON.parse(await Deno.readTextFile(runPaths(configuration).configuration));
    assert.equal(maxSteps, 3, "a refused resume leaves the run's configuration");
    const other = { ...configuration, run: "other", syncBatchNorm: false };
    await trainStage(other, testContext());
    await assert.rejects(
      trainStage({ ...other, maxSteps: 4, syncBatchNorm: true }, testContext({ resume: true })),
      /the run other was begun with syncBatchNorm false, not true/,
    );
  }));

Deno.test("--resume on other classes says which, though the network seems to be another", () =>
  inTemporaryFolder(async (folder) => {
    await writeClasses(`${folder}/pictures`, ["a", "b"]);
    const configuration = tinyFolder(folder);
    await preprocess.run(configuration, testContext());
    await trainStage({ ...configuration, maxSteps: 1 }, testContext());
    await writeClasses(`${folder}/pictures`, ["a", "b", "c"]);
    await preprocess.run(configuration, testContext());
    await assert.rejects(
      trainStage(configuration, testContext({ resume: true })),
      /^UsageError: the run tiny was begun with other data: its classes are now with c; choose another --run/,
    );
  }));

Deno.test("--init begins with a checkpoint's weights and statistics, and with no momentum", () =>
  inTemporaryFolder(async (folder) => {
    const first = await tinyRun(folder, { run: "first", maxSteps: 2 });
    await trainStage(first, testContext());
    const init = runPaths(first).last;
    const whole = await tinyRun(folder, {
      run: "second",
      maxSteps: 1,
      init,
      shuffle: false,
      augment: "none",
      shake: "even-even-batch",
    });
    await trainStage(whole, testContext());
    const same = { ...whole, run: "third", seed: 99 };
    await trainStage(same, testContext());
    assert.deepEqual(
      (await metricsOf(same))[0]!["loss"],
      (await metricsOf(whole))[0]!["loss"],
      "nothing else is drawn",
    );
  }));

Deno.test("a run begun again has no checkpoint of the one before", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { checkpointEvery: 1 });
    await trainStage(configuration, testContext());
    const abort = new AbortController();
    const log = (line: string) => line.startsWith("engine:") && abort.abort(new Error("stopped"));
    const context = testContext({ force: true, signal: abort.signal, log });
    await assert.rejects(trainStage(configuration, context), /^Error: stopped$/);
    const left = (await Array.fromAsync(Deno.readDir(`${folder}/runs/tiny/checkpoints`))).map(({ name }) => name);
    assert.deepEqual(left, ["last.safetensors"]);
  }));

async function flipBit(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length - 5]! ^= 4;
  await Deno.writeFile(path, bytes);
}

const damages: Record<string, { damage: (path: string) => Promise<void>; says: RegExp }> = {
  "damaged": {
    damage: flipBit,
    says: /last\.safetensors is not a valid .*: it was damaged after it was written; going/,
  },
  "cut off": { damage: (path) => Deno.truncate(path, 100), says: /last\.safetensors is not a valid .*; going on from/ },
  "missing": {
    damage: (path) => Deno.remove(path),
    says: /last\.safetensors does not exist; going on from .*previous/,
  },
};

Deno.test("a last checkpoint that is damaged falls back to the one before, says so and ends the same", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { epochs: 3 });
    const { folder: run, last } = runPaths(configuration);
    const result = async () =>
      await Promise.all([bytesOf(configuration, "last"), bytesOf(configuration, "best"), metricsOf(configuration)]);
    await trainStage(configuration, testContext());
    const whole = await result();
    await Deno.remove(run, { recursive: true });
    await trainStage({ ...configuration, maxSteps: 8 }, testContext());
    for (const [what, { damage, says }] of Object.entries(damages)) {
      await damage(last);
      const context = testContext({ resume: true });
      await trainStage(configuration, context);
      assert.match(context.lines.join("\n"), says, what);
      assert.match(context.lines.join("\n"), /train: continuing after step (4|8)/);
      assert.deepEqual(await result(), whole, what);
    }
  }));

Deno.test("where both last checkpoints are damaged, the run is not continued and nothing of it is touched", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await trainStage({ ...configuration, maxSteps: 5 }, testContext());
    const { last, previous, best } = runPaths(configuration);
    for (const path of [last, previous]) await flipBit(path);
    const before = await Promise.all([last, previous, best].map((path) => Deno.readFile(path)));
    await assert.rejects(
      trainStage(configuration, testContext({ resume: true })),
      (error) => error instanceof InputError && /last\.safetensors is not a valid safetensors file/.test(error.message),
    );
    assert.deepEqual(await Promise.all([last, previous, best].map((path) => Deno.readFile(path))), before);
  }));

Deno.test("a best checkpoint that was lost is said to be, and the next validation gives one", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    await trainStage({ ...configuration, maxSteps: 4 }, testContext());
    await Deno.remove(runPaths(configuration).best);
    const context = testContext({ resume: true });
    await trainStage(configuration, context);
    assert.match(context.lines.join("\n"), /best\.safetensors does not exist; the next validation gives the best/);
    assert.deepEqual(await bytesOf(configuration, "best"), await bytesOf(configuration, "last"));
  }));

Deno.test("a checkpoint of another network is refused by --init", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const init = `${folder}/other.safetensors`;
    await Deno.writeFile(init, encodeSafetensors({ tensors: {}, metadata: {} }));
    await assert.rejects(
      trainStage({ ...configuration, init }, testContext()),
      /other\.safetensors is not a checkpoint/,
    );
    const narrow = await tinyRun(folder, { run: "narrow", maxSteps: 1 });
    await trainStage(narrow, testContext());
    await assert.rejects(
      trainStage({ ...configuration, width: 4, init: runPaths(narrow).last }, testContext()),
      /is of another network: weights\/\S+ is \[\S+\], not \[\S+\]/,
    );
  }));
