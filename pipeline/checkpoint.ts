/**
 * Checkpoints: the state of a run after a step, as safetensors.
 *
 * The tensors are `weights/<variable>`, `momentum/<variable>` and `statistics/<variable>`; the metadata says where the
 * run stands. Nothing else is needed to go on: every draw depends on the seed and the step alone.
 *
 * @module
 */
import { z } from "zod";
import { readFile, writeFileAtomic } from "../data/files.ts";
import { InputError } from "../data/input_error.ts";
import { decodeSafetensors, encodeSafetensors, type HostTensor } from "../data/safetensors.ts";
import type { Network } from "../model/network.ts";
import { weightNames } from "../model/training_step.ts";

/** Where a run stands. */
export const Position = z.strictObject({
  /** Steps done. */
  step: z.int().min(0),
  /** Epochs after which the run was validated. */
  validatedEpochs: z.int().min(0),
  /** The best validation so far. */
  best: z.strictObject({ step: z.int().min(1), accuracy: z.number() }).nullable(),
  /** What schedule `plateau` has seen. */
  plateau: z.strictObject({ best: z.number().nullable(), waited: z.int().min(0), reductions: z.int().min(0) }),
  /** Sums over the steps of the epoch begun. */
  epochLoss: z.number(),
  epochAccuracy: z.number(),
  /** The settings that the run was begun with. */
  settings: z.record(z.string(), z.unknown()),
});
export type Position = z.output<typeof Position>;

export interface Checkpoint {
  readonly position: Position;
  readonly state: Readonly<Record<string, HostTensor>>;
}

const FORMAT = "shakenet-checkpoint-1";

/** Writes a checkpoint; one of the same name is replaced once the new one is on disk. */
export async function writeCheckpoint(path: string, { position, state }: Checkpoint): Promise<void> {
  const metadata = { format: FORMAT, position: JSON.stringify(position) };
  await writeFileAtomic(path, encodeSafetensors({ tensors: state, metadata }));
}

/**
 * Reads a checkpoint of a network.
 *
 * @param remedy what to do if there is none
 * @throws {InputError} if it is missing, damaged, or of another network
 */
export async function readCheckpoint(path: string, net: Network, remedy: string): Promise<Checkpoint> {
  const { tensors, position } = await decodeCheckpoint(path, remedy);
  const wanted = stateShapes(net);
  for (const [name, shape] of Object.entries(wanted)) {
    const tensor = tensors[name];
    if (!(tensor?.data instanceof Float32Array && `${tensor.shape}` === `${shape}`)) {
      const got = tensor ? `is [${tensor.shape}]` : "is missing";
      throw new InputError(`${path} is of another network: ${name} ${got}, not [${shape}]`);
    }
  }
  const stray = Object.keys(tensors).find((name) => !(name in wanted));
  if (stray) throw new InputError(`${path} is of another network: it has ${stray}`);
  return { position, state: tensors };
}

/**
 * Where the run of a checkpoint stands.
 *
 * @param remedy what to do if there is none
 * @throws {InputError} if it is missing or damaged
 */
export async function readPosition(path: string, remedy: string): Promise<Position> {
  return (await decodeCheckpoint(path, remedy)).position;
}

async function decodeCheckpoint(path: string, remedy: string) {
  const { tensors, metadata } = decodeSafetensors(await readFile(path, remedy), path);
  if (metadata["format"] !== FORMAT) throw new InputError(`${path} is not a checkpoint of this program`);
  const position = Position.safeParse(parseJson(metadata["position"]));
  if (!position.success) throw new InputError(`${path} does not say where its run stands`);
  return { tensors, position: position.data };
}

function stateShapes(net: Network): Record<string, readonly number[]> {
  const weights = new Set(weightNames(net));
  return Object.fromEntries(
    net.variables.flatMap(({ name, shape }) =>
      weights.has(name) ? [[`weights/${name}`, shape], [`momentum/${name}`, shape]] : [[`statistics/${name}`, shape]]
    ),
  );
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
