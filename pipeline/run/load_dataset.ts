/**
 * Loads the data set that `preprocess` decoded.
 *
 * @module
 */
import { type Dataset, decodeDataset } from "../../data/dataset.ts";
import { readSafetensors } from "../../data/files/safetensors.ts";
import type { Configuration } from "../configuration/fields.ts";
import { datasetPaths } from "./paths.ts";

/** @throws {InputError} if the data set is missing or damaged */
export async function loadDataset(
  configuration: Pick<Configuration, "cache" | "dataset" | "images">,
): Promise<Dataset> {
  const { dataset, images } = configuration;
  const { decoded } = datasetPaths(configuration);
  const remedy = `run \`deno task preprocess --dataset ${dataset}${images ? ` --images ${images}` : ""}\` first`;
  return decodeDataset(await readSafetensors(decoded, remedy), decoded);
}
