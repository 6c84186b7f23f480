/**
 * The traits of a run that must agree: between the parts of a run that was interrupted, and between the processes that
 * train together.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import type { Position } from "../run/checkpoint.ts";
import { datasetPaths } from "../run/paths.ts";
import { programVersion } from "../run/program_version.ts";
import { sha256 } from "../run/stage_record.ts";
import { conduct, mathematics, pick } from "./run_fields.ts";

type Mathematics = Pick<Configuration, "cache" | typeof mathematics[number]>;

/** The settings that a checkpoint records; a run is only resumed with the same. */
export const settingsOf = async (configuration: Mathematics): Promise<Position["settings"]> => ({
  ...pick(configuration, mathematics),
  data: await dataDigest(configuration),
});

/** The traits that all processes of a team share. */
export const trainingTraits = async (
  configuration: Mathematics & Pick<Configuration, typeof conduct[number]>,
): Promise<Record<string, unknown>> => ({
  ...pick(configuration, [...mathematics, ...conduct]),
  // These paths may differ between machines: rank 0 alone reads --init, and `data` compares the images.
  ...{ init: undefined, images: undefined },
  ...{ data: await dataDigest(configuration), program: await programVersion() },
});

const dataDigest = (configuration: Mathematics) => sha256(datasetPaths(configuration).decoded);
