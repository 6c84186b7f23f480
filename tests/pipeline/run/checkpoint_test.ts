import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { noPlateau } from "../../../model/schedule.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import {
  type Checkpoint,
  hasCheckpoints,
  makeCheckpointFolder,
  notFinite,
  readCheckpoint,
  readLastCheckpoint,
  readPosition,
  removeCheckpoints,
  writeCheckpoint,
} from "../../../pipeline/run/checkpoint.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { sha256 } from "../../../pipeline/run/stage_record.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { trainedState } from "../../support/trained_state.ts";

const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 2 });
const checkpointAt = (step: number): Checkpoint => ({
  position: {
    ...{ step, validatedEpochs: 1, best: { step: 8, accuracy: 0.5 }, plateau: noPlateau },
    ...{ epochLoss: 0.1, epochAccuracy: 0.2, epochSkipped: 0, settings: { seed: 1 } },
  },
  state: trainedState(net),
});

/** Runs a test in the folder of a run that has a last checkpoint, of step 2, and the one before it, of step 1. */
const withCheckpoints = (test: (paths: ReturnType<typeof runPaths>) => Promise<void>) => () =>
  inTemporaryFolder(async (runs) => {
    const paths = runPaths({ runs, run: "mine" });
    await makeCheckpointFolder(paths);
    await writeCheckpoint(paths.last, checkpointAt(1));
    await writeCheckpoint(paths.last, checkpointAt(2), paths.previous);
    await test(paths);
  });

const refused = (action: Promise<unknown>, says: RegExp) =>
  assert.rejects(action, (error) => error instanceof InputError && says.test(error.message));

Deno.test(
  "a checkpoint is read bit for bit, with the digest of its file; the one that it replaced is kept",
  withCheckpoints(async ({ last, previous }) => {
    const { position, state, digest } = await readCheckpoint(last, net, "");
    assert.deepEqual({ position, state: { ...state } }, checkpointAt(2));
    assert.equal(digest, await sha256(last));
    assert.equal((await readPosition(previous, "")).step, 1);
  }),
);

Deno.test(
  "a damaged last checkpoint falls back to the one before it, and is removed; without one it is an error",
  withCheckpoints(async ({ last, previous }) => {
    await Deno.truncate(last, 100);
    const lines: string[] = [];
    const read = await readLastCheckpoint({ last, previous }, net, (line) => lines.push(line));
    assert.equal(read?.position.step, 1);
    assert.match(lines[0]!, /^warning: .*last\.safetensors .*previous\.safetensors$/);
    await assert.rejects(Deno.stat(last), Deno.errors.NotFound);
    await Deno.truncate(previous, 100);
    await refused(readLastCheckpoint({ last, previous }, net, () => {}), /last\.safetensors does not exist/);
  }),
);

Deno.test(
  "removed checkpoints leave a run with nothing to resume from",
  withCheckpoints(async (paths) => {
    await writeCheckpoint(paths.epoch(1), checkpointAt(1));
    assert.equal(await hasCheckpoints(paths), true);
    await removeCheckpoints(paths);
    assert.equal(await hasCheckpoints(paths), false);
    assert.equal(await readLastCheckpoint(paths, net, () => {}), undefined);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(`${paths.folder}/checkpoints`)), []);
  }),
);

Deno.test(
  "a checkpoint of another network, or with numbers that are not finite, is refused and the tensor named",
  withCheckpoints(async ({ last }) => {
    const wide = shakeNet({ depth: 8, width: 4, branches: 2, classes: 2 });
    await refused(readCheckpoint(last, wide, ""), /is of another network: weights\/\S+ is \[\S+\], not \[\S+\]$/);
    const { position, state } = checkpointAt(3);
    const [name, tensor] = Object.entries(state).at(-1)!;
    const broken = { ...state, [name]: { ...tensor, data: (tensor.data as Float32Array<ArrayBuffer>).with(0, NaN) } };
    assert.equal(notFinite(broken), name);
    await writeCheckpoint(last, { position, state: broken });
    await refused(readCheckpoint(last, net, ""), new RegExp(`numbers in ${name} that are not finite$`));
  }),
);

Deno.test("a checkpoint that is missing names the remedy", () =>
  refused(readPosition("/nowhere/last.safetensors", "train first"), /last\.safetensors does not exist; train first$/));
