/**
 * Removes a run with all its files.
 *
 * @module
 */
import { notWritten } from "../../data/files/file_errors.ts";
import { isThere } from "../../data/files/files.ts";
import { lockFolder } from "../../data/files/folder_lock.ts";
import { InputError } from "../../data/files/input_error.ts";
import { type RunPaths, runsFlag } from "./paths.ts";

/**
 * Checks that a run can be removed.
 *
 * @throws {InputError} if it does not exist, its folder is a link, or the folder is of no run
 */
export async function requireRemovable({ run, runs, folder, configuration }: RunPaths): Promise<void> {
  const info = await Deno.lstat(folder).catch(() => undefined);
  if (info?.isSymlink) throw new InputError(`${folder} is a link; remove it and its target yourself`);
  if (!info?.isDirectory) {
    throw new InputError(`there is no run ${run}; \`deno task runs${runsFlag({ runs })}\` lists all`);
  }
  if (!await isThere(configuration)) {
    throw new InputError(`${folder} has no config.json, so it is no run; remove it yourself`);
  }
}

/**
 * Removes the folder of a run, while no other process works in it.
 *
 * @throws {FolderBusyError} if the run is running
 * @throws {InputError} if it cannot be removed
 */
export async function removeRun(paths: RunPaths): Promise<void> {
  await requireRemovable(paths);
  using _lock = await lockFolder(paths.folder, "deno task runs --remove");
  try {
    // Follows no links inside the folder.
    await Deno.remove(paths.folder, { recursive: true });
  } catch (error) {
    throw notWritten(paths.folder, error);
  }
}
