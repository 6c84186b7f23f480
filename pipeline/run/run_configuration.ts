/**
 * The resolved configuration of a run, and the network that it describes.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { readFile, writeFileAtomic } from "../../data/files/files.ts";
import { InputError } from "../../data/files/input_error.ts";
import { type ArchitectureOptions, buildNetwork, type ShakeNetwork } from "../../model/architectures.ts";
import { Configuration } from "../configuration/fields.ts";
import { runPaths } from "./paths.ts";

/** Writes every field that a run was given; `--config` with this file repeats the run. */
export async function writeRunConfiguration(
  configuration: Pick<Configuration, "runs" | "run"> & Partial<Configuration>,
): Promise<void> {
  await writeFileAtomic(runPaths(configuration).configuration, JSON.stringify(configuration, null, 2) + "\n");
}

/** The configuration that the run of `configuration` was trained with. */
export async function readRunConfiguration(configuration: Pick<Configuration, "runs" | "run">): Promise<Configuration> {
  const path = runPaths(configuration).configuration;
  const text = new TextDecoder().decode(await readFile(path, trainFirst(configuration)));
  try {
    return Configuration.parse(JSON.parse(text));
  } catch {
    throw new InputError(`${path} is not the configuration of a run; ${trainFirst(configuration)}`);
  }
}

export const trainFirst = ({ run }: Pick<Configuration, "run">): string => `run \`deno task train --run ${run}\` first`;

/** The network that a configuration describes, for a data set. */
export const networkOf = (
  configuration: Omit<ArchitectureOptions, "classes">,
  { labels }: Pick<Dataset, "labels">,
): ShakeNetwork => buildNetwork({ ...configuration, classes: labels.length });

/** The file that `--checkpoint` names. */
export function checkpointPath(configuration: Pick<Configuration, "runs" | "run" | "checkpoint">): string {
  const { best, last, previous } = runPaths(configuration);
  return { best, last, previous }[configuration.checkpoint] ?? configuration.checkpoint;
}
