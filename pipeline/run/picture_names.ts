/**
 * `pictures.json`: the names of the files of a decoded folder, in the order of its splits. It stands beside the data set, whose
 * bytes do not depend on names.
 *
 * @module
 */
import { z } from "zod";
import { isThere } from "../../data/files/files.ts";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import { type DataFields, datasetPaths } from "./paths.ts";
import { isAsRecorded } from "./stage_record.ts";

const names = z.array(z.string());
const PictureNames = z.object({
  /** The folder of pictures. */
  folder: z.string(),
  /** The paths below it of each split's pictures. */
  train: names,
  validation: names.optional(),
  test: names,
});
export type PictureNames = Readonly<z.output<typeof PictureNames>>;

export const writePictureNames = (path: string, pictures: PictureNames): Promise<void> => writeJson(path, pictures);

/** Returns the path of the names of a data set, or undefined if it has none: records have none. */
export async function pictureNamesPath(configuration: DataFields): Promise<string | undefined> {
  const { pictureNames } = datasetPaths(configuration);
  return await isThere(pictureNames) ? pictureNames : undefined;
}

/** The names of the pictures of a data set; undefined if it has none, or one of the two files has changed since. */
export async function readPictureNames(configuration: DataFields): Promise<PictureNames | undefined> {
  const { decoded, pictureNames, preprocessRecord } = datasetPaths(configuration);
  for (const file of [pictureNames, decoded]) if (!await isAsRecorded(preprocessRecord, file)) return undefined;
  return await readJsonIfThere(pictureNames, PictureNames, "preprocess");
}
