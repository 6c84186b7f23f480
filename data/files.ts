/**
 * Files that are whole or not there: written beside their name, flushed, renamed.
 *
 * @module
 */
import { InputError } from "./input_error.ts";

/**
 * Writes a file, replacing it only once all of it is on disk.
 *
 * @throws {InputError} if it cannot be written; then the file is as it was
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await replaceFile(path, (file) => writeAll(file, bytes));
}

/** As {@linkcode writeFileAtomic}, with content that `write` puts into the open file without closing it. */
export async function replaceFile(path: string, write: (file: Deno.FsFile) => Promise<void>): Promise<void> {
  const beside = `${path}.${crypto.randomUUID()}.part`;
  try {
    await Deno.mkdir(folderOf(path), { recursive: true });
    {
      using file = await Deno.open(beside, { write: true, createNew: true });
      await write(file);
      await file.sync();
    }
    await Deno.rename(beside, path);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw error instanceof Error && "code" in error ? new InputError(`cannot write ${path}: ${reason(error)}`) : error;
  }
}

/** Writes bytes at the position of an open file. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** The folder of a path. */
export const folderOf = (path: string): string =>
  path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";

/**
 * Reads a file that another command makes.
 *
 * @param remedy what to do if it is missing
 * @throws {InputError} if it cannot be read
 */
export async function readFile(path: string, remedy: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new InputError(`${path} does not exist; ${remedy}`);
    throw error instanceof Error && "code" in error ? new InputError(`cannot read ${path}: ${reason(error)}`) : error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  EDQUOT: "the disk quota is used up",
  ENOENT: "its folder does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EROFS: "the file system is read-only",
};

const reason = (error: Error & { code?: unknown }): string => reasons[String(error.code)] ?? error.message;
