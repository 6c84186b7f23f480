/**
 * Reads picture files of any kind and size in bounded memory: no pipe, no device, no endless file.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Greatest size of a file: the pixels of the largest picture that is decoded, four bytes each. */
export const MOST_BYTES = 2 ** 29;

/** Reasons why a file cannot be read as a picture. */
export type FileFault = "empty" | "too large" | "no file" | "dead link" | "no access" | "bad name";

const sentences: Readonly<Record<FileFault, string>> = {
  "empty": "the file is empty",
  "too large": `the file has more than ${MOST_BYTES >> 20} MiB`,
  "no file": "it is a pipe or a device",
  "dead link": "the file does not exist",
  "no access": "the file cannot be opened",
  "bad name": "its name is not UTF-8",
};

/** A file that cannot be read as a picture. */
export class PictureFileError extends Error {
  override name = "PictureFileError";

  constructor(readonly fault: FileFault) {
    super(sentences[fault]);
  }
}

/** Returns the size of a picture's file in bytes, without opening it. */
export async function pictureSize(path: string): Promise<number> {
  const { isFile, size } = await Deno.stat(path).catch((error) => {
    throw new PictureFileError(faultOf(path, error));
  });
  if (!isFile) throw new PictureFileError("no file");
  if (size === 0) throw new PictureFileError("empty");
  if (size > MOST_BYTES) throw new PictureFileError("too large");
  return size;
}

/** Tells why a file or folder cannot be opened. */
export function faultOf(path: string, error: unknown): FileFault {
  if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.FilesystemLoop)) return "no access";
  // A byte that is not UTF-8 is read as U+FFFD, and no file has the name with U+FFFD in it.
  return path.includes("\uFFFD") ? "bad name" : "dead link";
}

/** Files up to this size are read in one piece, which is faster. */
const SMALL_BYTES = 2 ** 20;

/** Computes the SHA-256 of a picture's file, hexadecimal. */
export async function pictureDigest(path: string): Promise<string> {
  const size = await pictureSize(path);
  const hash = createHash("sha256");
  try {
    if (size <= SMALL_BYTES) hash.update(await Deno.readFile(path));
    else await updateInPieces(hash, path);
  } catch (error) {
    throw error instanceof PictureFileError ? error : new PictureFileError("no access");
  }
  return hash.digest("hex");
}

async function updateInPieces(hash: { update(bytes: Uint8Array): unknown }, path: string): Promise<void> {
  using file = await Deno.open(path);
  let length = 0;
  // A file may grow while it is read.
  for await (const chunk of file.readable) {
    if ((length += chunk.length) > MOST_BYTES) throw new PictureFileError("too large");
    hash.update(chunk);
  }
}
