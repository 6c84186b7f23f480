/**
 * The resolved configuration of a run, and the network that it describes.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../data/files/input_error.ts";
import { SIDE } from "../../data/cifar.ts";
import { type Reduction, reductions } from "../../model/network_choices.ts";
import { Configuration } from "../configuration/fields.ts";
import { withEarlierMeaning } from "../configuration/recorded.ts";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import { type RunPaths, runPaths } from "./paths.ts";

/** Fields that tell where a run is. */
type RunPlace = Pick<Configuration, "runs" | "run">;

/** The configuration of a run that this version or an earlier one recorded. */
const Recorded = z.preprocess(withEarlierMeaning, Configuration);

/**
 * Writes the resolved configuration of a run; with `--config` the run can be repeated from it alone.
 *
 * @param configuration fields that it lacks are written with their defaults
 */
export const writeRunConfiguration = (configuration: RunPlace & Partial<Configuration>): Promise<void> =>
  writeJson(runPaths(configuration).configuration, Configuration.parse(configuration));

/**
 * The configuration that a run was trained with.
 *
 * @throws {InputError} if there is no such run, or the file is damaged
 */
export async function readRunConfiguration(paths: Pick<RunPaths, "flags" | "configuration">): Promise<Configuration> {
  const configuration = await runConfigurationIfThere(paths);
  if (configuration !== undefined) return configuration;
  throw new InputError(`${paths.configuration} does not exist; ${trainFirst(paths)}`);
}

/**
 * The configuration of a run, or undefined if there is no such run.
 *
 * @throws {InputError} if the file is damaged
 */
export const runConfigurationIfThere = (
  paths: Pick<RunPaths, "flags" | "configuration">,
): Promise<Configuration | undefined> =>
  readJsonIfThere(
    paths.configuration,
    Recorded,
    `train ${paths.flags}`,
    "remove it, and repeat that command with the run's flags and --resume, which keeps the run",
  );

/** The remedy for a run that is missing. */
export const trainFirst = ({ flags }: Pick<RunPaths, "flags">): string => `run \`deno task train ${flags}\` first`;

/** Fields that describe a network. */
export const networkFields = [
  "architecture",
  "depth",
  "width",
  "branches",
  "groups",
  "skip",
  "batchNorm",
  "stem",
  "stemFilters",
] as const satisfies readonly (keyof Configuration)[];

/** The fields that decide the stem; data sets of records have no image size. */
export type StemFields = Pick<Configuration, "stem"> & Partial<Pick<Configuration, "imageSize">>;

/** The factor of the stem; `auto` leaves the first stage at most 63 pixels, for images below 256. */
export function stemOf({ stem, imageSize = SIDE }: StemFields): Reduction {
  if (stem !== "auto") return Number(stem) as Reduction;
  return reductions.findLast((reduction) => imageSize >= SIDE * reduction) ?? 1;
}

/**
 * The value of `--checkpoint` for a run: without a validation, no checkpoint is the best, and the last one counts.
 *
 * @param checkpoint best, last, previous or a path
 */
export const checkpointOf = ({ validation }: Pick<Configuration, "validation">, checkpoint: string): string =>
  validation === "none" && checkpoint === "best" ? "last" : checkpoint;

/**
 * The file that `--checkpoint` names.
 *
 * @param checkpoint best, last, previous or a path
 */
export function checkpointPath({ best, last, previous }: RunPaths, checkpoint: string): string {
  return new Map([["best", best], ["last", last], ["previous", previous]]).get(checkpoint) ?? checkpoint;
}
