/**
 * Checkpoints: the state of a run after a step, as safetensors.
 *
 * The tensors are `weights/<variable>`, `momentum/<variable>` and `statistics/<variable>`. A run that averages its weights
 * has `average/weights/<variable>` and `average/statistics/<variable>` too. The metadata has the position of the run. A run
 * resumes from these alone: every draw depends on the seed and the step.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { folderOf, isThere, keepAs, makeFolder, removeIfThere, stageFile, writeAll } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import { parseJson } from "../../data/files/json.ts";
import { decodeSafetensors, encodeSafetensors, readSafetensors } from "../../data/files/safetensors.ts";
import type { HostTensor } from "../../engine/engine.ts";
import type { Network } from "../../model/network.ts";
import { weightNames } from "../../model/training_step.ts";
import { initialAverage } from "../../model/weight_average.ts";
import { pathText, shortened } from "../configuration/printable.ts";

/** The position of a run in its training. */
export const Position = z.strictObject({
  /** Steps done. */
  step: z.int().min(0),
  /** Epochs that have ended, with their validation if there is one. */
  validatedEpochs: z.int().min(0),
  /** The best validation so far, with its score where `--best` is not its accuracy; null before the first one. */
  best: z.strictObject({ step: z.int().min(1), accuracy: z.number(), score: z.number().optional() }).nullable(),
  /** The state of schedule `plateau`. */
  plateau: z.strictObject({ best: z.number().nullable(), waited: z.int().min(0), reductions: z.int().min(0) }),
  /** Sums over the steps of the current epoch. */
  epochLoss: z.number(),
  epochAccuracy: z.number(),
  /** Steps of the current epoch that were skipped, because their results were not finite. */
  epochSkipped: z.int().min(0).default(0),
  /** The settings that the run began with. */
  settings: z.record(z.string(), z.unknown()),
});
export type Position = z.output<typeof Position>;

export interface Checkpoint {
  readonly position: Position;
  readonly state: Readonly<Record<string, HostTensor>>;
}

/** A checkpoint and the digest of its file. */
export interface ReadCheckpoint extends Checkpoint {
  /** SHA-256 of its file. */
  readonly digest: string;
}

const FORMAT = "shakenet-checkpoint-1";

/** Makes the folder of a run's checkpoints. */
export const makeCheckpointFolder = ({ last }: { readonly last: string }): Promise<void> => makeFolder(folderOf(last));

/**
 * Writes a checkpoint into an existing folder. It replaces a checkpoint of the same name once it is on disk.
 *
 * @param previous keeps the replaced checkpoint under this name; default: it is removed
 * @throws {InputError} if it cannot be written; the old checkpoint is unchanged then
 */
export async function writeCheckpoint(path: string, { position, state }: Checkpoint, previous?: string): Promise<void> {
  const metadata = { format: FORMAT, position: JSON.stringify(position) };
  const bytes = encodeSafetensors({ tensors: state, metadata });
  const staged = await stageFile(path, (file) => writeAll(file, bytes));
  try {
    if (previous !== undefined && await isThere(path)) await keepAs(path, previous);
  } catch (error) {
    await staged.discard();
    throw error;
  }
  await staged.commit();
}

/** Tests that a run has a checkpoint to resume from. */
export const hasCheckpoints = async ({ previous, last }: RunCheckpoints): Promise<boolean> =>
  await isThere(last) || await isThere(previous);

/** Removes the checkpoints of a run; those to resume from go first, so that a crash leaves no run half removed. */
export async function removeCheckpoints({ previous, last }: RunCheckpoints): Promise<void> {
  await removeIfThere(previous);
  await removeIfThere(last);
  const folder = folderOf(last);
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".safetensors")) await removeIfThere(`${folder}/${name}`);
  }
}

/** The files of a run's last checkpoint and of the checkpoint before it. */
export interface RunCheckpoints {
  readonly last: string;
  readonly previous: string;
}

/**
 * Reads the last checkpoint of a run; if it is damaged or missing, reads the previous one. A damaged checkpoint is
 * removed then, so that it never replaces the previous one.
 *
 * @param log receives the warning that the previous checkpoint is read, and why
 * @returns undefined if neither exists
 * @throws {InputError} if neither can be read, or they are of another network
 */
export async function readLastCheckpoint(
  { last, previous }: RunCheckpoints,
  net: Network,
  log: (line: string) => void,
): Promise<ReadCheckpoint | undefined> {
  if (!await hasCheckpoints({ last, previous })) return undefined;
  try {
    return await readCheckpoint(last, net, "");
  } catch (error) {
    if (!(error instanceof InputError && await isThere(previous))) throw error;
    const before = await readCheckpoint(previous, net, "").catch(() => {
      throw error;
    });
    log(`warning: ${error.message.replace(/; $/, "")}; going on from the checkpoint before it, ${previous}`);
    await removeIfThere(last);
    return before;
  }
}

/**
 * Reads a checkpoint of a network.
 *
 * @param remedy the remedy for a missing file, for the error
 * @throws {InputError} if it is missing, damaged, or of another network
 */
export async function readCheckpoint(path: string, net: Network, remedy: string): Promise<ReadCheckpoint> {
  const bytes = await readSafetensors(path, remedy, (shapes, metadata) => {
    checkFormat(metadata, path);
    checkShapes(shapes, stateShapes(net, averages(metadata)), path);
  });
  const { tensors, position } = decodeCheckpoint(bytes, path);
  const other = Object.entries(tensors).find(([, { data }]) => !(data instanceof Float32Array));
  if (other) throw new InputError(`${pathText(path)} is of another network: ${other[0]} is not of 32-bit floats`);
  const lost = notFinite(tensors);
  if (lost) throw new InputError(`${pathText(path)} has numbers in ${lost} that are not finite`);
  return { position, state: tensors, digest: createHash("sha256").update(bytes).digest("hex") };
}

/**
 * Reads the position of a checkpoint.
 *
 * @param remedy the remedy for a missing file, for the error
 * @throws {InputError} if it is missing or damaged
 */
export async function readPosition(path: string, remedy: string): Promise<Position> {
  return decodeCheckpoint(await readSafetensors(path, remedy), path).position;
}

function decodeCheckpoint(bytes: Uint8Array, path: string) {
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  checkFormat(metadata, path);
  const position = Position.safeParse(parseJson(metadata["position"] ?? ""));
  if (!position.success) throw new InputError(`${pathText(path)} has no position of its run`);
  return { tensors, position: position.data };
}

/** The name of the first tensor with a number that is not finite, or undefined. */
export const notFinite = (state: Checkpoint["state"]): string | undefined =>
  Object.entries(state).find(([, { data }]) => !data.every(Number.isFinite))?.[0];

/** @throws {InputError} if a file with this metadata is not a checkpoint */
function checkFormat({ format, position: _position, ...others }: Readonly<Record<string, string>>, path: string): void {
  if (format !== FORMAT || Object.keys(others).length > 0) {
    throw new InputError(`${pathText(path)} is not a checkpoint of this program`);
  }
}

/** @throws {InputError} if tensors of these shapes are not the state of a network */
export function checkShapes(shapes: Shapes, wanted: Shapes, path: string): void {
  const another = (how: string) => new InputError(`${pathText(path)} is of another network: ${how}`);
  for (const [name, shape] of wanted) {
    const got = shapes.get(name);
    if (`${got}` !== `${shape}`) throw another(`${name} ${got ? `is [${got}]` : "is missing"}, not [${shape}]`);
  }
  const stray = shapes.keys().find((name) => !wanted.has(name));
  if (stray !== undefined) throw another(`it has ${shortened(stray)}`);
}

export type Shapes = ReadonlyMap<string, readonly number[]>;

function stateShapes(net: Network, averaged: boolean): Shapes {
  const weights = new Set(weightNames(net));
  const shapes = Object.fromEntries(
    net.variables.flatMap(({ name, shape }) => {
      const kinds = weights.has(name) ? ["weights", "momentum"] : ["statistics"];
      return kinds.map((kind) => [`${kind}/${name}`, shape]);
    }),
  );
  return new Map(Object.entries({ ...shapes, ...(averaged && initialAverage(shapes)) }));
}

/** Tells if the settings of a checkpoint name an average of weights. */
function averages(metadata: Readonly<Record<string, string>>): boolean {
  const position = Position.safeParse(parseJson(metadata["position"] ?? ""));
  return (position.data?.settings["averaging"] ?? "none") !== "none";
}
