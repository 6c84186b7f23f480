/**
 * Digests of picture files, for their side of a split and to notice changes.
 *
 * @module
 */
import { pictureDigest, PictureFileError } from "../picture_file.ts";
import type { LeftOut } from "./left_out.ts";

/** Files that are read at once. */
const AT_ONCE = 32;

export interface Digested {
  /** SHA-256 of the content by path, in the order of the paths. */
  readonly digests: ReadonlyMap<string, string>;
  readonly leftOut: readonly LeftOut[];
}

/** Digests files; what cannot be read is left out. */
export async function digestsOf(paths: readonly string[]): Promise<Digested> {
  const digests = new Map<string, string>(), leftOut: LeftOut[] = [];
  for (let begin = 0; begin < paths.length; begin += AT_ONCE) {
    const group = paths.slice(begin, begin + AT_ONCE);
    const results = await Promise.all(group.map((path) => pictureDigest(path).catch((error) => error as unknown)));
    results.forEach((result, at) => {
      const path = group[at]!;
      if (typeof result === "string") digests.set(path, result);
      else if (result instanceof PictureFileError) leftOut.push({ path, reason: result.fault });
      else throw result;
    });
  }
  return { digests, leftOut };
}
