/**
 * Loads the data set that `preprocess` decoded.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Dataset, decodeDataset } from "../../data/dataset.ts";
import { readSafetensors } from "../../data/files/safetensors.ts";
import { preprocessTask } from "./picture_settings.ts";
import { type DataFields, datasetPaths } from "./paths.ts";

/** A data set and the digest of its file. */
export interface DigestedDataset {
  readonly dataset: Dataset;
  /** SHA-256 of the decoded file: of its pixels, labels, names and statistics. */
  readonly digest: string;
}

/** @throws {InputError} if the data set is missing or damaged */
export async function readDataset(configuration: DataFields): Promise<DigestedDataset> {
  const { decoded } = datasetPaths(configuration);
  const bytes = await readSafetensors(decoded, `run \`${preprocessTask(configuration)}\` first`);
  return { dataset: decodeDataset(bytes, decoded), digest: createHash("sha256").update(bytes).digest("hex") };
}

/** @throws {InputError} if the data set is missing or damaged */
export const loadDataset = async (configuration: DataFields): Promise<Dataset> =>
  (await readDataset(configuration)).dataset;
