import assert from "#assert";
import type { Checkpoint, Position } from "../../../pipeline/run/checkpoint.ts";
import { makeCheckpointFolder } from "../../../pipeline/run/checkpoint.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { CheckpointKeeper, type CheckpointKeeperOptions } from "../../../pipeline/training/checkpoint_keeper.ts";
import { firstPosition } from "../../../pipeline/training/position.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const start = firstPosition({});
const at = (step: number, fields: Partial<Position> = {}): Position => ({ ...start, step, ...fields });
const state = (value: number): Checkpoint["state"] => ({ "weights/a": { shape: [1], data: Float32Array.of(value) } });

/** Runs a test with a keeper in an empty folder. */
const withKeeper = (
  options: Partial<CheckpointKeeperOptions>,
  test: (keeper: CheckpointKeeper, names: () => string[], flushed: () => number) => Promise<void>,
) =>
  inTemporaryFolder(async (folder) => {
    const paths = runPaths({ runs: folder, run: "r" });
    await makeCheckpointFolder(paths);
    let flushed = 0;
    const keeper = new CheckpointKeeper({
      validates: true,
      ...{ saveSeconds: 1e6, checkpointEvery: 0, paths, writes: true },
      readState: () => Promise.resolve(state(1)),
      flushMetrics: () => Promise.resolve(void flushed++),
      diverged: (reason) => new Error(reason),
      ...options,
    }, start);
    const names = () =>
      [...Deno.readDirSync(`${folder}/r/checkpoints`)].map(({ name }) => name.replace(".safetensors", "")).sort();
    await test(keeper, names, () => flushed);
  });

Deno.test("the last checkpoint is saved once a position, after the metrics, and the one before it is kept", () =>
  withKeeper({}, async (keeper, names, flushed) => {
    const position = at(3);
    await keeper.saveLast(position);
    await keeper.saveLast(position);
    assert.deepEqual([names(), flushed()], [["last"], 1]);
    assert.match(keeper.kept, /last\.safetensors is of step 3$/);
    await keeper.saveLast(at(4));
    assert.deepEqual(names(), ["last", "previous"]);
  }));

Deno.test("an epoch saves the best checkpoint if it is the best, and every k-th", () =>
  withKeeper({ checkpointEvery: 2 }, async (keeper, names) => {
    const best = { step: 4, accuracy: 0.5 };
    await keeper.saveEpoch(at(4, { validatedEpochs: 1, best }));
    assert.deepEqual(names(), ["best", "last"]);
    await Deno.remove(keeper.options.paths.best);
    await keeper.saveEpoch(at(8, { validatedEpochs: 2, best }));
    assert.deepEqual(names(), ["epoch-0002", "last", "previous"]);
  }));

Deno.test("a run that ends before a validation has its last checkpoint as the best", () =>
  withKeeper({}, async (keeper, names) => {
    await keeper.saveEnd(at(2));
    assert.deepEqual(names(), ["best", "last"]);
  }));

Deno.test("a state that is not finite is not saved, and the error names the tensor", () =>
  withKeeper({ readState: () => Promise.resolve(state(Infinity)) }, async (keeper, names) => {
    await assert.rejects(keeper.saveLast(at(2)), /^Error: weights\/a is not finite after step 2$/);
    assert.deepEqual([names(), keeper.kept], [[], "nothing was saved before"]);
  }));

Deno.test("a process that does not write saves nothing", () =>
  withKeeper({ writes: false }, async (keeper, names) => {
    await keeper.saveEnd(at(2));
    assert.deepEqual(names(), []);
  }));

Deno.test("the last checkpoint is due after --save-seconds", () =>
  withKeeper({ saveSeconds: 0 }, async (keeper) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    assert.ok(keeper.isDue);
    await withKeeper({ saveSeconds: 1e6 }, (keeper) => Promise.resolve(assert.ok(!keeper.isDue)));
  }));
