/**
 * The best CIFAR-10 run that the repository carries: its weights for `--init pretrained`, its exported model for
 * `predict --model cifar10`. `bench/carry_run.ts` carries a run in docs/results with both; a better one replaces it without a
 * change here.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { STEM_FILTERS } from "../../model/network_choices.ts";
import type { Configuration, Given } from "./fields.ts";
import { stems } from "./fields/network.ts";
import { UsageError } from "./usage_error.ts";

/** The value of `--init` that names these weights. */
export const PRETRAINED = "pretrained";
/** The value of `--model` that names the exported model of the run. */
export const CARRIED_MODEL = "cifar10";
export const WEIGHTS_FILE = "weights.safetensors";
/** The model in half the bytes; it classifies as the float32 one to rounding. */
export const MODEL_FILE = "model_fp16.onnx";
/** From this side of images on, the stem follows the images instead of the weights. */
const LARGER_SIDE = 64;

const results = fileURLToPath(new URL("../../docs/results", import.meta.url));

/** The fields of a recorded configuration that describe the network of its weights. */
const Network = z.object({
  architecture: z.enum(["resnet", "resnext"]).default("resnet"),
  ...{ depth: z.int(), width: z.int(), branches: z.int(), groups: z.int().default(4) },
  ...{ skip: z.boolean().default(true), batchNorm: z.boolean().default(true) },
  stemFilters: z.int().default(STEM_FILTERS),
  // Recorded before there was a field, or chosen for images of 32 pixels.
  stem: z.enum(stems).default("1").transform((stem) => stem === "auto" ? "1" : stem),
});
type NetworkFields = Pick<Configuration, keyof z.output<typeof Network>>;
const Run = z.object({ dataset: z.string() });
const Evaluation = z.object({ accuracy: z.number() });

export interface Pretrained {
  readonly weights: string;
  /** Accuracy on the 10,000 test images of CIFAR-10. */
  readonly accuracy: number;
  readonly network: NetworkFields;
}

/**
 * The carried run of the highest accuracy.
 *
 * @param folder of results; default: the repository's
 * @throws {UsageError} if there is none
 */
export function pretrainedRun(folder = results): Pretrained {
  const best = carriedRuns(folder, WEIGHTS_FILE)[0];
  if (!best) {
    throw new UsageError(`--init ${PRETRAINED} needs a run with ${WEIGHTS_FILE} in ${folder}; name a checkpoint file`);
  }
  const { path, accuracy, configuration } = best;
  return { weights: path, accuracy, network: Network.parse(configuration) };
}

/**
 * The network of a configuration that begins with the carried weights; nothing if it begins otherwise. Larger images are
 * divided by `--stem auto`, so that the first stage sees about as many pixels as it was trained on.
 */
export function networkOfPretrained({ init, imageSize }: Given): Partial<NetworkFields> {
  if (init !== PRETRAINED) return {};
  const { network } = pretrainedRun();
  return Number(imageSize ?? 0) < LARGER_SIDE ? network : { ...network, stem: "auto" };
}

/** The file that `--init` names. */
export const initFile = (init: string): string => init === PRETRAINED ? pretrainedRun().weights : init;

/**
 * The file that `--model` names.
 *
 * @param folder of results; default: the repository's
 * @throws {UsageError} if it names the carried model and there is none
 */
export function modelFile(model: string, folder = results): string {
  if (model !== CARRIED_MODEL) return model;
  const best = carriedRuns(folder, MODEL_FILE)[0];
  if (best) return best.path;
  throw new UsageError(`--model ${CARRIED_MODEL} needs a run with ${MODEL_FILE} in ${folder}; name an ONNX file`);
}

interface CarriedRun {
  /** The file that was asked for. */
  readonly path: string;
  readonly accuracy: number;
  readonly configuration: unknown;
}

/** The CIFAR-10 runs that are carried with a file, the most accurate first. */
function carriedRuns(folder: string, file: string): CarriedRun[] {
  const holds = (name: string) => [...Deno.readDirSync(`${folder}/${name}`)].some((entry) => entry.name === file);
  return [...Deno.readDirSync(folder)].filter(({ name, isDirectory }) => isDirectory && holds(name)).map(({ name }) => {
    const read = (part: string): unknown => JSON.parse(Deno.readTextFileSync(`${folder}/${name}/${part}.json`));
    const { accuracy } = Evaluation.parse(read("evaluation"));
    return { path: `${folder}/${name}/${file}`, accuracy, configuration: read("config") };
  }).filter(({ configuration }) => Run.parse(configuration).dataset === "cifar-10")
    .toSorted((a, b) => b.accuracy - a.accuracy);
}
