/**
 * Loads the data set of a run, and refuses any other: a network knows the classes, the size and the split of its own data.
 *
 * @module
 */
import type { Dataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import type { Configuration } from "../configuration/fields.ts";
import { type Position, readPosition } from "./checkpoint.ts";
import { dataDifference, dataIdentityIfThere, identityOf } from "./data_identity.ts";
import { type DigestedDataset, readDataset } from "./load_dataset.ts";
import { type DataFields, datasetPaths, type RunPaths } from "./paths.ts";
import { requireOwnCheckpoint } from "./own_checkpoint.ts";
import { preprocessTask } from "./picture_settings.ts";
import { trainFirst } from "./run_configuration.ts";

/**
 * The data set that a checkpoint of a run was trained on.
 *
 * @param configuration of the run
 * @param checkpoint the path of its file
 * @throws {InputError} if the data set is missing or damaged, or is other data than that of the checkpoint, or the checkpoint is
 *   of another run
 */
export async function loadCheckpointData(
  paths: RunPaths,
  configuration: Configuration,
  checkpoint: string,
): Promise<Dataset> {
  const { settings } = await readPosition(checkpoint, trainFirst(paths));
  const dataset = await dataOf(paths, configuration, checkpoint, settings);
  requireOwnCheckpoint(paths, configuration, checkpoint, settings);
  return dataset;
}

/** The data set of a configuration, if a checkpoint with these settings was trained on it. */
async function dataOf(
  paths: RunPaths,
  configuration: DataFields,
  checkpoint: string,
  settings: Position["settings"],
): Promise<Dataset> {
  const data = await readDataset(configuration);
  if (settings["data"] === data.digest) return data.dataset;
  throw await otherData(checkpoint, String(settings["data"]), paths, configuration, data);
}

/**
 * The data set that a run is trained on.
 *
 * @throws {InputError} if the data set is missing or damaged, or is other data than that of the run
 */
export async function loadRunData(paths: RunPaths, configuration: DataFields): Promise<Dataset> {
  const recorded = await dataIdentityIfThere(paths);
  if (recorded === undefined) {
    const { settings } = await readPosition(paths.last, trainFirst(paths));
    return await dataOf(paths, configuration, paths.last, settings);
  }
  const data = await readDataset(configuration);
  if (recorded.digest === data.digest) return data.dataset;
  throw await otherData(`the run ${paths.run}`, recorded.digest, paths, configuration, data);
}

async function otherData(
  trained: string,
  digest: string,
  paths: RunPaths,
  configuration: DataFields,
  now: DigestedDataset,
): Promise<InputError> {
  const recorded = await dataIdentityIfThere(paths);
  const difference = recorded?.digest === digest ? `: ${dataDifference(recorded, identityOf(now))}` : "";
  const { decoded } = datasetPaths(configuration);
  return new InputError(
    `${decoded} is other data than ${trained} was trained on${difference}; restore the data and run ` +
      `\`${preprocessTask(configuration)}\`, or train again with --force`,
  );
}
