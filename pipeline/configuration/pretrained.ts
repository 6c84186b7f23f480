/**
 * `--init pretrained`: the weights of the best CIFAR-10 run that the repository carries. `bench/carry_run.ts` carries a run in
 * docs/results with its weights; a better one replaces it without a change here.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Given } from "./fields.ts";
import { UsageError } from "./usage_error.ts";

/** The value of `--init` that names these weights. */
export const PRETRAINED = "pretrained";
export const WEIGHTS_FILE = "weights.safetensors";

const results = fileURLToPath(new URL("../../docs/results", import.meta.url));

/** The fields that the weights are of a network by. */
const Network = z.object({
  architecture: z.enum(["resnet", "resnext"]).default("resnet"),
  ...{ depth: z.int(), width: z.int(), branches: z.int(), groups: z.int().default(4) },
  ...{ skip: z.boolean().default(true), batchNorm: z.boolean().default(true) },
});
const Run = z.object({ dataset: z.string() });
const Evaluation = z.object({ accuracy: z.number() });

export interface Pretrained {
  readonly weights: string;
  /** Accuracy on the 10,000 test images of CIFAR-10. */
  readonly accuracy: number;
  readonly network: Given;
}

/**
 * The carried run of the highest accuracy.
 *
 * @param folder of results; default: the repository's
 * @throws {UsageError} if there is none
 */
export function pretrainedRun(folder = results): Pretrained {
  const carried = [...Deno.readDirSync(folder)].filter(({ name, isDirectory }) =>
    isDirectory && [...Deno.readDirSync(`${folder}/${name}`)].some((file) => file.name === WEIGHTS_FILE)
  ).map(({ name }) => {
    const read = (file: string): unknown => JSON.parse(Deno.readTextFileSync(`${folder}/${name}/${file}.json`));
    const configuration = read("config");
    return {
      dataset: Run.parse(configuration).dataset,
      weights: `${folder}/${name}/${WEIGHTS_FILE}`,
      accuracy: Evaluation.parse(read("evaluation")).accuracy,
      network: Network.parse(configuration),
    };
  }).filter(({ dataset }) => dataset === "cifar-10").toSorted((a, b) => b.accuracy - a.accuracy);
  if (carried.length > 0) return carried[0]!;
  throw new UsageError(`--init ${PRETRAINED} needs a run with ${WEIGHTS_FILE} in ${folder}; name a checkpoint file`);
}

/** The file that `--init` names. */
export const initFile = (init: string): string => init === PRETRAINED ? pretrainedRun().weights : init;
