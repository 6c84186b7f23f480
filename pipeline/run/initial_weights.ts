/**
 * The weights that a run starts from: those of a checkpoint, or of a file of weights alone, as safetensors: tensors
 * `weights/<variable>` and `statistics/<variable>`, the classes in the metadata. They may be of other classes, and of a network
 * whose stem has one convolution less.
 *
 * @module
 */
import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../../data/files/input_error.ts";
import { parseJson } from "../../data/files/json.ts";
import { decodeSafetensors, encodeSafetensors, readSafetensors } from "../../data/files/safetensors.ts";
import { isOfHead } from "../../model/freezing.ts";
import type { Variable } from "../../model/layers.ts";
import type { Network } from "../../model/network.ts";
import { isOfSecondConvolution } from "../../model/stem.ts";
import { evaluatedState } from "../../model/weight_average.ts";
import { pathText } from "../configuration/printable.ts";
import { type Checkpoint, checkShapes, notFinite, readCheckpoint, type Shapes } from "./checkpoint.ts";
import { dataIdentityIfThere } from "./data_identity.ts";
import { CHECKPOINTS, runPaths } from "./paths.ts";

const WEIGHTS_FORMAT = "shakenet-weights-1";
const Labels = z.array(z.string());

export interface InitialWeights {
  /** `weights/<variable>` and `statistics/<variable>`. */
  readonly state: Checkpoint["state"];
  /** Their classes; undefined if the file and its run do not say. */
  readonly labels: readonly string[] | undefined;
}

/** Encodes the weights of a state, see `evaluatedState`, and their classes. */
export function encodeWeights(evaluated: Checkpoint["state"], labels: readonly string[]): Uint8Array<ArrayBuffer> {
  const tensors = Object.entries(evaluated).filter(([name]) => /^(weights|statistics)\//.test(name));
  const metadata = { format: WEIGHTS_FORMAT, labels: JSON.stringify(labels) };
  return encodeSafetensors({ tensors: Object.fromEntries(tensors), metadata });
}

/**
 * Reads the weights that a network can start from; its head and the second convolution of its stem may be missing in them.
 *
 * @throws {InputError} if the file is missing, damaged, or of another network
 */
export async function readInitialWeights(path: string, net: Network): Promise<InitialWeights> {
  const remedy = "--init needs a checkpoint file";
  let variables = net.variables, isCheckpoint = true;
  const bytes = await readSafetensors(path, remedy, (shapes, { format }) => {
    isCheckpoint = format !== WEIGHTS_FORMAT;
    variables = variablesIn(net.variables, shapes);
    if (!isCheckpoint) checkShapes(shapes, shapesOf(variables), path);
  });
  if (!isCheckpoint) return decodeWeights(bytes, path);
  const { state } = await readCheckpoint(path, { ...net, variables }, remedy);
  return { state: evaluatedState(state), labels: await labelsOfRun(path) };
}

/** The variables of a network as a file has them: with its number of classes, and a stem of one convolution if it has one. */
const variablesIn = (variables: readonly Variable[], shapes: Shapes): Variable[] => {
  const classes = shapes.get("weights/dense/bias")?.[0];
  return variables.filter(({ name }) => !isOfSecondConvolution(name) || shapes.has("weights/stem/conv2/kernel"))
    .map((variable) =>
      isOfHead(variable.name) && classes !== undefined
        ? { ...variable, shape: [...variable.shape.slice(0, -1), classes] }
        : variable
    );
};

const shapesOf = (variables: readonly Variable[]): Shapes =>
  new Map(
    variables.map(({ name, kind, shape }) => [`${kind === "statistic" ? "statistics" : "weights"}/${name}`, shape]),
  );

function decodeWeights(bytes: Uint8Array, path: string): InitialWeights {
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  const lost = notFinite(tensors);
  if (lost !== undefined) throw new InputError(`${pathText(path)} has numbers in ${lost} that are not finite`);
  return { state: tensors, labels: Labels.safeParse(parseJson(metadata["labels"] ?? "")).data };
}

/** The classes of the run that a checkpoint is of; a checkpoint outside the folder of a run does not say. */
async function labelsOfRun(checkpoint: string): Promise<readonly string[] | undefined> {
  const folder = dirname(resolve(checkpoint));
  // Any other folder may have a data.json of someone else beside it.
  if (basename(folder) !== CHECKPOINTS) return undefined;
  const paths = runPaths({ runs: dirname(dirname(folder)), run: basename(dirname(folder)) });
  return (await dataIdentityIfThere(paths))?.labels;
}
