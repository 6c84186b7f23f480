import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { noPlateau } from "../../../model/schedule.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import { initialAverage } from "../../../model/weight_average.ts";
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
import { shortened } from "../../../data/printable.ts";
import { makePipe, oddNames } from "../../support/odd_files.ts";
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

Deno.test(
  "a tensor that the network lacks is named, also one with a name of all objects",
  withCheckpoints(async ({ last }) => {
    const { position, state } = checkpointAt(3);
    for (const name of oddNames) {
      const stray = { ...state, [name]: { shape: [1], data: Float32Array.of(0) } };
      await writeCheckpoint(last, { position, state: stray });
      await assert.rejects(
        readCheckpoint(last, net, ""),
        (error) => error instanceof InputError && error.message.endsWith(`another network: it has ${shortened(name)}`),
      );
    }
  }),
);

Deno.test(
  "what is no file, and a large file of something else, is refused at once; the checkpoint before it is read",
  { ignore: Deno.build.os === "windows" },
  withCheckpoints(async ({ last, previous }) => {
    const replace = async (make: () => Promise<unknown>, says: RegExp) => {
      await Deno.remove(last).catch(() => {});
      await make();
      await refused(readCheckpoint(last, net, ""), says);
      await refused(readPosition(last, ""), says);
      assert.equal((await readLastCheckpoint({ last, previous }, net, () => {}))?.position.step, 1);
    };
    await replace(() => makePipe(last), /it is a pipe or a device$/);
    await replace(() => Deno.symlink("/dev/zero", last), /it is a pipe or a device$/);
    await replace(() => Deno.writeFile(last, new Uint8Array()), /it has 0 bytes$/);
    await replace(async () => {
      await Deno.writeFile(last, new Uint8Array());
      await Deno.truncate(last, 6 * 2 ** 30);
    }, /its header is not a JSON object$/);
    await replace(() => Deno.mkdir(last), /it is a folder$/);
  }),
);

Deno.test(
  "a large file of other tensors is refused before they are read",
  withCheckpoints(async ({ last }) => {
    const size = 6 * 2 ** 30;
    const header = JSON.stringify({ a: { dtype: "U8", shape: [size], data_offsets: [0, size] } });
    const begin = new Uint8Array(8 + header.length);
    new DataView(begin.buffer).setBigUint64(0, BigInt(header.length), true);
    new TextEncoder().encodeInto(header, begin.subarray(8));
    await Deno.writeFile(last, begin);
    await Deno.truncate(last, begin.length + size);
    await refused(readCheckpoint(last, net, ""), /is not a checkpoint of this program$/);
  }),
);

Deno.test("a checkpoint has an average if its settings name one, and none otherwise", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/last.safetensors`;
    const { position, state } = checkpointAt(1);
    const averaged = { ...state, ...initialAverage(state) };
    const write = (averaging: string | undefined, state: Checkpoint["state"]) =>
      writeCheckpoint(path, { position: { ...position, settings: averaging ? { averaging } : {} }, state });
    await write("ema", averaged);
    assert.deepEqual({ ...(await readCheckpoint(path, net, "")).state }, averaged);
    await write("ema", state);
    await refused(readCheckpoint(path, net, ""), /is of another network: average\/\S+ is missing, not \[/);
    await write(undefined, averaged);
    await refused(readCheckpoint(path, net, ""), /is of another network: it has average\/\S+$/);
  }));
