/**
 * Says what a folder of pictures holds beside the data set, in the log and in the result of `preprocess`. Damaged pictures are
 * found only when they are decoded, so their names have a file beside the data set.
 *
 * @module
 */
import { z } from "zod";
import { writeFileAtomic } from "../../data/files/files.ts";
import { readFile } from "../../data/files/read_file.ts";
import { InputError } from "../../data/files/input_error.ts";
import { groupedByReason, isUnreadable, type LeftOutGroup, sentenceOf } from "../../data/image_folder/left_out.ts";
import { listingWarnings } from "../../data/image_folder/warnings.ts";
import type { ImageFolder } from "../../data/image_folder/mod.ts";

export interface LeftOutPictures {
  readonly leftOut: readonly LeftOutGroup[];
  /** Pictures of the folder's own validation split. */
  readonly validationImages: number;
  /** Sentences about what is likely a mistake. */
  readonly warnings: readonly string[];
}

/** Logs a line for each reason, and one for a validation split. */
export function logListing(folder: string, listing: ImageFolder, log: (line: string) => void) {
  const { leftOut, validation, isHeldOut } = listing;
  for (const group of groupedByReason(leftOut)) log(`preprocess: ${sentenceOf(group, folder)}`);
  if (validation.length === 0) return;
  const test = isHeldOut ? "; the test split is held out of the training pictures, as there is no folder test" : "";
  log(`preprocess: the validation split has ${validation.length} pictures of its own folder${test}`);
}

/** @throws {InputError} if there are pictures that cannot be read, and they are to be refused */
export function refuseUnreadable({ leftOut }: ImageFolder, damaged: readonly string[]): void {
  const [first, ...others] = [...leftOut.filter(isUnreadable).map(({ path }) => path), ...damaged];
  if (first === undefined) return;
  const [files, them] = others.length === 0 ? [first, "it"] : [`${first} and ${others.length} other files`, "them"];
  throw new InputError(`${files} cannot be read; repair or remove ${them}, or use --unreadable skip`);
}

export const writeDamaged = (path: string, damaged: readonly string[]): Promise<void> =>
  writeFileAtomic(path, `${JSON.stringify(damaged, null, 2)}\n`);

/** @param damagedFile names of the pictures that could not be decoded, as {@linkcode writeDamaged} writes it */
export async function leftOutPictures(
  { labels, train, test, leftOut, validation }: ImageFolder,
  damagedFile: string,
): Promise<LeftOutPictures> {
  const bytes = await readFile(damagedFile, "run the command again");
  const damaged = new Set(z.array(z.string()).parse(JSON.parse(new TextDecoder().decode(bytes))));
  const all = [...leftOut, ...[...damaged].map((path) => ({ path, reason: "damaged" as const }))];
  const sound = (files: ImageFolder["train"]) => files.filter(({ path }) => !damaged.has(path));
  const warnings = listingWarnings(labels, sound(train), sound(test), sound(validation));
  return { leftOut: groupedByReason(all), validationImages: validation.length, warnings };
}
