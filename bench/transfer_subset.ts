/**
 * Folders of few training pictures a class and all test pictures, drawn from a folder of pictures.
 *
 * @module
 */
import { basename, dirname, extname } from "node:path";
import { isThere } from "../data/files/files.ts";
import type { DigestedFile } from "../data/hold_out.ts";
import { shuffled, stream } from "../data/random.ts";

/** The pictures of a folder by class. */
export interface Pictures {
  readonly labels: readonly string[];
  readonly train: readonly DigestedFile[];
  readonly test: readonly DigestedFile[];
}

/**
 * Draws at most so many pictures of each class. One seed draws the same first pictures for every count, so that more pictures
 * are the fewer ones and others.
 */
export function drawPictures<File extends Pick<DigestedFile, "label">>(
  files: readonly File[],
  count: number,
  seed: number,
): File[] {
  return [...Map.groupBy(files, ({ label }) => label)].flatMap(([label, ofClass]) => {
    const order = shuffled(ofClass.length, stream(seed, "permutation", label));
    return [...order.subarray(0, count)].map((at) => ofClass[at]!);
  });
}

/** Writes a folder of the drawn training pictures and all test pictures as links, unless it is there. */
export async function writeSubset(folder: string, pictures: Pictures, count: number, seed: number): Promise<void> {
  if (await isThere(folder)) return;
  const partial = `${folder}.partial`;
  await Deno.remove(partial, { recursive: true }).catch(() => {});
  const splits = { train: drawPictures(pictures.train, count, seed), test: pictures.test };
  for (const [split, files] of Object.entries(splits)) {
    for (const label of pictures.labels) await Deno.mkdir(`${partial}/${split}/${label}`, { recursive: true });
    for (const [at, { path, label }] of files.entries()) {
      // Pictures of one name may come from folders below the class.
      const name = `${at}-${basename(path, extname(path))}${extname(path)}`;
      await linkOrCopy(path, `${partial}/${split}/${pictures.labels[label]}/${name}`);
    }
  }
  await Deno.mkdir(dirname(folder), { recursive: true });
  await Deno.rename(partial, folder);
}

/** Other file systems have no link to the file. */
const linkOrCopy = (from: string, to: string): Promise<void> =>
  Deno.link(from, to).catch(() => Deno.copyFile(from, to));
