/**
 * Locks a folder for one process at a time. The operating system holds the lock on an open file, so it ends with the
 * process, however that ends.
 *
 * @module
 */
import { notWritten } from "./file_errors.ts";
import { makeFolder, removeLeftovers, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";

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
    file = await Deno.open(path, { read: true, write: true, create: true });
    if (await file.tryLock(true)) {
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
  const other = await Deno.readTextFile(path).catch(() => "");
  throw new FolderBusyError(`another process works in ${folder}${other && ` (${other})`}; wait until it ends`);
}
