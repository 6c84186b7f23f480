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
import { conduct, type mathematics, mathematicsOf, pick } from "./run_fields.ts";

type Mathematics = Pick<Configuration, "cache" | typeof mathematics[number]>;

/**
 * The settings that a checkpoint records; a run is only resumed with the same.
 *
 * @param data digest of the decoded data set
 * @param processes processes that train together
 */
export const settingsOf = (
  configuration: Omit<Mathematics, "cache"> & Pick<Configuration, "syncBatchNorm">,
  data: string,
  processes: number,
): Position["settings"] => ({
  ...mathematicsOf(configuration),
  data,
  // Left out where batch norm is of the whole batch: then the number of processes changes nothing.
  ...(!configuration.syncBatchNorm && { syncBatchNorm: false, processes }),
});

/** The traits that all processes of a team share. */
export const trainingTraits = async (
  configuration: Mathematics & Pick<Configuration, typeof conduct[number]>,
): Promise<Record<string, unknown>> => ({
  ...mathematicsOf(configuration),
  ...pick(configuration, conduct),
  // These paths may differ between machines: rank 0 alone reads --init, and `data` compares the images.
  ...{ init: undefined, images: undefined },
  ...{ data: await sha256(datasetPaths(configuration).decoded), program: await programVersion() },
});
