/**
 * `mistakes.json` and `mistakes.csv`: every test picture that is classified wrongly, the most confident mistakes first.
 *
 * @module
 */
import { z } from "zod";
import { csvRow } from "../../data/files/csv.ts";
import { writeFileAtomic } from "../../data/files/files.ts";
import type { Dataset } from "../../data/dataset.ts";
import type { Evaluation } from "./evaluation_file.ts";
import { readJsonIfThere, writeJson } from "./json_file.ts";
import type { RunPaths } from "./paths.ts";
import type { PictureNames } from "./picture_names.ts";

const count = z.int().min(0);

const NamedMistake = z.object({
  /** The index of the picture in the test split. */
  image: count,
  /** The path of its file below `folder`; records have none. */
  file: z.string().optional(),
  /** Names of classes. */
  actual: z.string(),
  predicted: z.string(),
  /** Probability of the predicted class. */
  probability: z.number(),
  /** Probability of the actual class. */
  actualProbability: z.number(),
});

const Mistakes = z.object({
  dataset: z.string(),
  /** The folder of the pictures. */
  folder: z.string().optional(),
  checkpoint: z.string(),
  /** SHA-256 of the checkpoint's file. */
  checkpointDigest: z.string(),
  /** Pictures of the test split. */
  images: count,
  mistakes: z.array(NamedMistake),
});

export type NamedMistake = Readonly<z.output<typeof NamedMistake>>;
export type Mistakes = Readonly<z.output<typeof Mistakes>>;

/** Gives the mistakes of an evaluation their names. */
export function namedMistakes(
  { dataset, checkpoint, checkpointDigest, images, mistakes }: Evaluation,
  { labels }: Pick<Dataset, "labels">,
  names: PictureNames | undefined,
): Mistakes {
  return {
    ...{ dataset, ...(names && { folder: names.folder }), checkpoint, checkpointDigest, images },
    mistakes: mistakes.map(({ image, actual, predicted, confidence, actualProbability }) => ({
      ...{ image, ...(names && { file: names.test[image] }) },
      ...{ actual: labels[actual]!, predicted: labels[predicted]!, probability: confidence, actualProbability },
    })),
  };
}

type MistakePaths = Pick<RunPaths, "mistakes" | "mistakesTable">;

/** Writes both files. */
export async function writeMistakes(paths: MistakePaths, mistakes: Mistakes): Promise<void> {
  await writeJson(paths.mistakes, mistakes);
  const rows = mistakes.mistakes.map(({ file = "", image, actual, predicted, probability, actualProbability }) =>
    csvRow([file, image, actual, predicted, probability, actualProbability])
  );
  const head = csvRow(["file", "image", "actual", "predicted", "probability", "actual_probability"]);
  await writeFileAtomic(paths.mistakesTable, `${[head, ...rows].join("\r\n")}\r\n`);
}

/**
 * @returns undefined if the run has none
 * @throws {InputError} if the file is damaged
 */
export const mistakesIfThere = (
  { mistakes, flags }: Pick<RunPaths, "mistakes" | "flags">,
): Promise<Mistakes | undefined> => readJsonIfThere(mistakes, Mistakes, `evaluate ${flags}`);
