/**
 * Reads files that others may have changed. A pipe or a device, which might block or never end, is refused before it is
 * opened, and so is a file that is larger than its kind can be.
 *
 * @module
 */
import { pathText } from "../printable.ts";
import { notRead, UnreadableError } from "./file_errors.ts";
import { InputError } from "./input_error.ts";

/** Greatest number of bytes of a file that is read whole; ONNX files can have no more (protobuf's limit). */
const MOST_BYTES = 2 ** 31;
/** Greatest number of bytes of a text; texts of a run are smaller by far. */
const MOST_TEXT = 2 ** 28;

/**
 * Opens a regular file.
 *
 * @returns undefined if there is none
 * @throws {InputError} if it cannot be opened or is no regular file
 */
export async function openIfThere(path: string): Promise<{ file: Deno.FsFile; size: number } | undefined> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    if (!isFile) throw new UnreadableError(path, isDirectory ? "it is a folder" : "it is a pipe or a device");
    const file = await Deno.open(path);
    try {
      return { file, size: (await file.stat()).size };
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw notRead(path, error);
  }
}

/**
 * Reads a file whole.
 *
 * @param most its greatest number of bytes
 * @returns undefined if there is none
 * @throws {InputError} if it cannot be read, is no regular file, or is larger
 */
export async function readIfThere(
  path: string,
  most: number = MOST_BYTES,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const opened = await openIfThere(path);
  if (!opened) return undefined;
  using file = opened.file;
  if (opened.size > most) {
    const [has, allowed] = [opened.size, most].map((bytes) => (bytes / 1e6).toFixed(1));
    throw new UnreadableError(path, `it has ${has} MB, and ${allowed} MB is the most for such a file`);
  }
  return await readBytes(file, opened.size, path);
}

/**
 * Reads bytes from the position of an open file; fewer if it ends.
 *
 * @throws {InputError} if they cannot be read
 */
export async function readBytes(file: Deno.FsFile, count: number, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  let end = 0;
  try {
    for (let read; end < count && (read = await file.read(bytes.subarray(end))) !== null;) end += read;
  } catch (error) {
    throw notRead(path, error);
  }
  return bytes.subarray(0, end);
}

/**
 * Reads a file that another command writes.
 *
 * @param remedy what to do if it is missing
 * @throws {InputError} if it is missing or cannot be read
 */
export async function readFile(path: string, remedy: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readIfThere(path);
  if (bytes) return bytes;
  throw new InputError(`${pathText(path)} does not exist; ${remedy}`);
}

/**
 * Reads a text.
 *
 * @returns undefined if there is no such file
 * @throws {InputError} if it cannot be read
 */
export async function textIfThere(path: string): Promise<string | undefined> {
  const bytes = await readIfThere(path, MOST_TEXT);
  return bytes && new TextDecoder().decode(bytes);
}
