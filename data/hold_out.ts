/**
 * Holds a test split out of a folder of pictures that has none. The bytes of a picture's file decide its side, so the side
 * depends on no name, no order and, with one exception, on no other picture:
 *
 * - A picture whose digest, as a number in [0, 1), is below the share is a test picture. A class therefore holds out the share
 *   on average, not exactly. Copies of a file have one digest and one side, in whatever class they are.
 * - A class that would have no picture on a side gets one: the least digest becomes a test picture, or the greatest a training
 *   picture, copies included; pictures that are in another class too come last. The only picture of a class is a training
 *   picture. These stand-ins are the pictures that can change sides: when an added picture makes one needless.
 *
 * @module
 */

/** A picture's file. */
export interface DigestedFile {
  readonly path: string;
  /** Index of its class. */
  readonly label: number;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly digest: string;
}

/** Hexadecimal digits of 52 bits, all that a number holds exactly. */
const DIGITS = 13;

/** The first 52 bits of a digest, as a number in [0, 1). */
const fractionOf = (digest: string): number => parseInt(digest.slice(0, DIGITS), 16) / 16 ** DIGITS;

/**
 * Splits the pictures of every class; both splits keep their order.
 *
 * @param share share of each class for the test split, between 0 and 1
 */
export function holdOut<File extends DigestedFile>(
  files: readonly File[],
  share: number,
): { train: File[]; test: File[] } {
  const held = new Set(files.map(({ digest }) => digest).filter((digest) => fractionOf(digest) < share));
  const classes = [...Map.groupBy(files, ({ label }) => label).values()].map(differentDigests);
  const [single, several] = [classes.filter(({ length }) => length === 1), classes.filter(({ length }) => length > 1)];
  for (const [digest] of single) held.delete(digest!);
  const classesOf = Map.groupBy(classes.flat(), (digest) => digest);
  for (const digests of several) {
    const tested = digests.filter((digest) => held.has(digest)).length;
    const own = digests.filter((digest) => classesOf.get(digest)!.length === 1);
    const candidates = own.length > 0 ? own : digests;
    if (tested === 0) held.add(candidates[0]!);
    if (tested === digests.length) held.delete(candidates.at(-1)!);
  }
  return {
    train: files.filter(({ digest }) => !held.has(digest)),
    test: files.filter(({ digest }) => held.has(digest)),
  };
}

/** The digests of some files, sorted, each once. */
const differentDigests = (files: readonly DigestedFile[]): string[] =>
  [...new Set(files.map(({ digest }) => digest))].sort();
