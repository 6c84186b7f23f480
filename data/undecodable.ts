/**
 * Says in words why a picture cannot be decoded.
 *
 * @module
 */
import { PictureFileError } from "./picture_file.ts";

/** Messages of sharp and its libraries, and what they mean. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [/exceeds pixel limit/, "it has more than 134 million pixels"],
  [/unsupported image format/, "it is no picture, or of a format that cannot be read here"],
  [/compression format|codec/i, "it is a HEIC picture, which cannot be read here: convert it to jpg"],
  [/Bit Array is empty/, "the file is empty"],
];

/** @returns a phrase of one line */
export function inWords(error: Error): string {
  if (error instanceof PictureFileError) return error.message;
  if (error instanceof Deno.errors.NotFound) return "the file does not exist";
  if (Object.values(Deno.errors).some((kind) => error instanceof kind)) return "the file cannot be opened";
  const known = meanings.find(([pattern]) => pattern.test(error.message));
  if (known) return known[1];
  // The first lines are attempts to read the file; the last one is the cause.
  const cause = error.message.trim().split("\n").at(-1)!.replace(/^Input buffer has corrupt header:\s*/, "").trim();
  return cause === "" ? "it is cut off or damaged" : `it is cut off or damaged: ${cause}`;
}
