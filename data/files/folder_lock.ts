/**
 * Locks a folder for one process at a time. The operating system holds the lock on an open file, so it ends with the
 * process, however that ends.
 *
 * @module
 */
import { pathText, shortened } from "../printable.ts";
import { notWritten } from "./file_errors.ts";
import { makeFolder, removeLeftovers, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";
import { textIfThere } from "./read_file.ts";

/** Reports that another process works in the folder. */
export class FolderBusyError extends InputError {}

/** A lock; `using` releases it. */
export type FolderLock = Disposable;

/**
 * Locks a folder, makes it if it is missing, and removes the unfinished files of killed writers from it.
 *
 * @param holder the holder's name, for the errors of other processes
 * @throws {FolderBusyError} if another process, or another part of this one, holds the lock
 * @throws {InputError} if nothing can be written there
 */
export async function lockFolder(folder: string, holder: string): Promise<FolderLock> {
  const path = `${folder}/.lock`;
  await makeFolder(folder);
  let file;
  try {
    file = await openLock(path);
    if (await isLockedNow(file)) {
      await file.truncate();
      await writeAll(file, new TextEncoder().encode(`${holder}, process ${Deno.pid}`));
      await removeLeftovers(folder);
      const held = file;
      return { [Symbol.dispose]: () => held.close() };
    }
  } catch (error) {
    file?.close();
    throw notWritten(path, error);
  }
  file.close();
  const other = shortened(await textIfThere(path).catch(() => undefined) ?? "");
  throw new FolderBusyError(
    `another process works in ${pathText(folder)}${other && ` (${other})`}; wait until it ends`,
  );
}

/** Between two tries, and in all: a process that looks at a lock lets go in a moment, unless it is stopped. */
const PAUSE_MILLISECONDS = 5, MOST_MILLISECONDS = 10_000;

/** Locks a file, unless another process holds its lock; one that only looks at it, and so shares it, is waited for. */
async function isLockedNow(file: Deno.FsFile): Promise<boolean> {
  const end = performance.now() + MOST_MILLISECONDS;
  for (;;) {
    if (await file.tryLock(true)) return true;
    const isShared = await file.tryLock(false);
    if (!isShared) return false;
    await file.unlock();
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
  }
}

/** Tells if a process holds the lock of a folder; it changes nothing there. */
export async function isFolderLocked(folder: string): Promise<boolean> {
  const file = await Deno.open(`${folder}/.lock`).catch(() => undefined);
  if (file === undefined) return false;
  try {
    return !await file.tryLock(false);
  } finally {
    file.close();
  }
}

/**
 * Opens the file of a lock, or makes it. A link is refused: writing to it would overwrite its target.
 *
 * @throws {InputError} if there is something else of its name
 */
async function openLock(path: string): Promise<Deno.FsFile> {
  try {
    // Follows no link.
    return await Deno.open(path, { read: true, write: true, createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const named = await Deno.lstat(path);
  if (!named.isFile || (named.nlink ?? 1) > 1) throw noLock(path);
  const file = await Deno.open(path, { read: true, write: true });
  try {
    const { dev, ino } = await file.stat();
    if (dev === named.dev && ino === named.ino) return file;
    throw noLock(path);
  } catch (error) {
    file.close();
    throw error;
  }
}

const noLock = (path: string) =>
  new InputError(`${pathText(path)} is a link or no regular file, but must be a lock of this program; remove it`);
