/**
 * The usual size of the training pictures of a folder, from the headers of some of them.
 *
 * @module
 */
import { findPictures } from "./find_pictures.ts";
import { layoutOf } from "./layout.ts";

/** Pictures that are looked at, evenly spread over all: more change the median hardly. */
const SAMPLE = 1000;
/** Files that are open at once. */
const AT_ONCE = 32;

/**
 * The median of the shorter sides of the training pictures, in pixels.
 *
 * @returns undefined if no picture can be read
 * @throws {InputError} if the folder is no data set
 */
export async function typicalSide(folder: string, signal?: AbortSignal): Promise<number | undefined> {
  const { splits: { train } } = await layoutOf(folder);
  const { pictures: [all] } = await findPictures([train.folder]);
  const stride = Math.max(1, Math.ceil(all!.length / SAMPLE));
  const sample = all!.filter((_, at) => at % stride === 0);
  const shorter: number[] = [];
  for (let begin = 0; begin < sample.length; begin += AT_ONCE) {
    signal?.throwIfAborted();
    const read = await Promise.all(sample.slice(begin, begin + AT_ONCE).map(shorterSide));
    shorter.push(...read.filter((side) => side !== undefined));
  }
  return shorter.sort((a, b) => a - b)[shorter.length >> 1];
}

/** @returns undefined if the picture cannot be read; that is reported where it is decoded */
async function shorterSide(path: string): Promise<number | undefined> {
  const { default: sharp } = await import("sharp");
  try {
    const { width, height } = await sharp(path).metadata();
    return Math.min(width, height);
  } catch {
    return undefined;
  }
}
