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
  await makeFolder(folderOf(path), path);
  await (await stageFile(path, write)).commit();
}

/** A file that is written and flushed beside its name, and does not have it yet. */
export interface StagedFile {
  /** Gives it its name, in the place of what had it. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/**
 * Writes a file beside its name, in a folder that is there.
 *
 * @throws {InputError} if it cannot be written; then nothing is left of it
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
 * Gives what a file holds another name too, in the place of what had that; the file may then be replaced.
 *
 * @throws {InputError} if that cannot be done; then both names are as they were
 */
export async function keepAs(path: string, other: string): Promise<void> {
  const beside = nameBeside(other);
  try {
    // Not every file system has links.
    await Deno.link(path, beside).catch(() => Deno.copyFile(path, beside));
    await Deno.rename(beside, other);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    throw notWritten(other, error);
  }
}

/**
 * Adds to the end of a file that is there.
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

/** Sees to it that what was written to a file is on disk. */
export async function flushFile(path: string): Promise<void> {
  try {
    using file = await Deno.open(path, { append: true });
    await file.syncData();
  } catch (error) {
    throw notWritten(path, error);
  }
}

/**
 * @param what what is to be written there, for the error
 * @throws {InputError} if the folder is not there and cannot be made
 */
export async function makeFolder(folder: string, what = folder): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw notWritten(what, error);
  }
}

/** Removes what writers that were killed have left beside the names of their files, in a folder and those in it. */
export async function removeLeftovers(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) await removeLeftovers(path);
    else if (BESIDE.test(name)) await removeIfThere(path);
  }
}

const BESIDE = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

const nameBeside = (path: string): string => `${path}.${crypto.randomUUID()}.part`;

/** Makes a rename outlast a loss of power, on the platforms where a folder can be flushed. */
async function flushFolder(folder: string): Promise<void> {
  try {
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // Windows opens no folders, and some file systems flush none.
  }
}

/** The error of a user that an error of the system is, any other as it is. */
export const notWritten = (path: string, error: unknown): unknown =>
  error instanceof Error && "code" in error ? new InputError(`cannot write ${path}: ${reason(error)}`) : error;

/** Writes bytes at the position of an open file. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
}

/** Whether there is something of this name. */
export const isThere = (path: string): Promise<boolean> => Deno.stat(path).then(() => true, () => false);

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
    throw notRead(path, error);
  }
}

export const notRead = (path: string, error: unknown): unknown =>
  error instanceof Error && "code" in error ? new InputError(`cannot read ${path}: ${reason(error)}`) : error;

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a folder",
  EEXIST: "a file is in the place of its folder",
  EDQUOT: "the disk quota is used up",
  ENOENT: "its folder does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EROFS: "the file system is read-only",
};

const reason = (error: Error & { code?: unknown }): string => reasons[String(error.code)] ?? error.message;
