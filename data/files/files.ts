/**
 * Files that exist whole or not at all: written beside their name, flushed, then renamed.
 *
 * @module
 */
import { dirname } from "node:path";
import { notWritten } from "./file_errors.ts";

/**
 * Writes a file, and replaces an old one only when all bytes are on disk.
 *
 * @throws {InputError} if it cannot be written; then the old file is unchanged
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await replaceFile(path, (file) => writeAll(file, bytes));
}

/** Does the same as {@linkcode writeFileAtomic}; `write` fills the open file and does not close it. */
export async function replaceFile(path: string, write: (file: Deno.FsFile) => Promise<void>): Promise<void> {
  await makeFolder(folderOf(path), path);
  await (await stageFile(path, write)).commit();
}

/** A file that is written and flushed under another name beside its own. */
export interface StagedFile {
  /** Renames the file to its own name, and replaces an old file of that name. */
  commit(): Promise<void>;
  /** Removes the file. */
  discard(): Promise<void>;
}

/**
 * Writes a file beside its name, in a folder that exists.
 *
 * @throws {InputError} if it cannot be written; then it leaves nothing behind
 */
export async function stageFile(path: string, write: (file: Deno.FsFile) => Promise<void>): Promise<StagedFile> {
  const beside = nameBeside(path);
  const discard = () => Deno.remove(beside).catch(() => {});
  try {
    using file = await Deno.open(beside, { write: true, createNew: true });
    await write(file);
    await file.sync();
  } catch (error) {
    await discard();
    throw notWritten(path, error);
  }
  const commit = async () => {
    try {
      await Deno.rename(beside, path);
    } catch (error) {
      await discard();
      throw notWritten(path, error);
    }
    await flushFolder(folderOf(path));
  };
  return { commit, discard };
}

/**
 * Keeps the content of a file under another name, before the file is replaced. An old file of that name is replaced.
 *
 * @throws {InputError} if it cannot be written; then both files are unchanged
 */
export async function keepAs(path: string, other: string): Promise<void> {
  const beside = nameBeside(other);
  try {
    // Some file systems have no links.
    await Deno.link(path, beside).catch(() => Deno.copyFile(path, beside));
    await Deno.rename(beside, other);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw notWritten(other, error);
  }
}

/**
 * Makes a file that others removed again, empty, in its folder. A folder that is gone, such as an unmounted disk, is not
 * made again.
 *
 * @returns true if the file was gone
 * @throws {InputError} if it cannot be made
 */
export async function restoreFile(path: string): Promise<boolean> {
  if (await isThere(path)) return false;
  await (await stageFile(path, async () => {})).commit();
  return true;
}

/**
 * Appends to a file that exists.
 *
 * @throws {InputError} if it cannot be written
 */
export async function appendToFile(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    await Deno.writeFile(path, bytes, { append: true, create: false });
  } catch (error) {
    throw notWritten(path, error);
  }
}

/** Flushes a file, so that its content is on disk. */
export async function flushFile(path: string): Promise<void> {
  try {
    using file = await Deno.open(path, { append: true });
    await file.syncData();
  } catch (error) {
    throw notWritten(path, error);
  }
}

/**
 * Makes a folder, unless it exists.
 *
 * @param what the path that the error names
 * @throws {InputError} if the folder cannot be made
 */
export async function makeFolder(folder: string, what = folder): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw notWritten(what, error);
  }
}

/** Removes the unfinished files of killed writers, in a folder and the folders in it. */
export async function removeLeftovers(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await removeLeftovers(path);
    else if (BESIDE.test(name)) await removeIfThere(path);
  }
}

const BESIDE = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

const nameBeside = (path: string): string => `${path}.${crypto.randomUUID()}.part`;

/** Makes a rename survive a loss of power, where a folder can be flushed. */
async function flushFolder(folder: string): Promise<void> {
  try {
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // Windows opens no folders, and some file systems flush none.
  }
}

/** Writes bytes at the position of an open file. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

/** Tells if a file or folder exists. */
export const isThere = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);

/** Removes a file, if it exists. */
export async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw notWritten(path, error);
  });
}

/** Removes a folder, if it exists and nothing is in it. */
export async function removeFolderIfEmpty(folder: string): Promise<void> {
  const isEmpty = await Array.fromAsync(Deno.readDir(folder)).then(({ length }) => length === 0, () => false);
  if (isEmpty) await Deno.remove(folder);
}

/** Returns the folder of a path. */
export const folderOf: (path: string) => string = dirname;
