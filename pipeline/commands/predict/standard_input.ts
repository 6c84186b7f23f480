/**
 * Reads a picture from standard input.
 *
 * @module
 */
import { readStream } from "../../../data/files/read_stream.ts";
import { MOST_BYTES, PictureFileError } from "../../../data/picture_file.ts";

/** @throws {Error} if there is nothing to read, or more than a picture's greatest size; the message says why */
export async function readStandardInput(input: ReadableStream<Uint8Array> = Deno.stdin.readable): Promise<Uint8Array> {
  const bytes = await readStream(input, MOST_BYTES, () => new PictureFileError("too large"));
  if (bytes.length === 0) throw new PictureFileError("empty");
  return bytes;
}
