/**
 * A folder that one process at a time works in. The lock is the operating system's, on an open file: it goes with the
 * process that holds it, however that ends.
 *
 * @module
 */
import { makeFolder, notWritten, removeLeftovers, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";

/** Another process works in the folder. */
export class FolderBusyError extends InputError {}

/** A lock that is held until it is disposed of. */
export type FolderLock = Disposable;

/**
 * Locks a folder, which is made if need be, and removes what killed writers have left in it.
 *
 * @param holder who works there, for the errors of others
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
