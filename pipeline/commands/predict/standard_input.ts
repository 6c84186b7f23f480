/**
 * Reads a picture from standard input.
 *
 * @module
 */
import { MOST_BYTES, PictureFileError } from "../../../data/picture_file.ts";

/** @throws {Error} if there is nothing to read, or more than a picture's greatest size; the message says why */
export async function readStandardInput(input: ReadableStream<Uint8Array> = Deno.stdin.readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    if ((length += chunk.length) > MOST_BYTES) throw new PictureFileError("too large");
    chunks.push(chunk);
  }
  if (length === 0) throw new PictureFileError("empty");
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
