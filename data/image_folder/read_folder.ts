/**
 * Reads the entries of one folder.
 *
 * @module
 */
import { relative, sep } from "node:path";
import { InputError } from "../files/input_error.ts";
import { faultOf } from "../picture_file.ts";
import { type FileKind, kindOf } from "./file_kinds.ts";
import type { LeftOut } from "./left_out.ts";

export interface Entry {
  readonly name: string;
  readonly path: string;
  /** The kind by its name. */
  readonly kind: FileKind;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** It is a link; `isFile` and `isDirectory` are those of its target. */
  readonly isLink: boolean;
}

export interface Entries {
  /** Sorted by name. */
  readonly folders: readonly Entry[];
  /** Sorted by name. */
  readonly files: readonly Entry[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads a folder; hidden and system files, and links that lead nowhere, are left out.
 *
 * @throws the error of the operating system, if the folder cannot be opened
 */
export async function readFolder(folder: string): Promise<Entries> {
  const folders: Entry[] = [], files: Entry[] = [], leftOut: LeftOut[] = [];
  const found = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isFile, isDirectory, isSymlink } of found) {
    const path = `${folder}/${name}`, kind = kindOf(name);
    if (kind === "system") {
      leftOut.push({ path, reason: "system" });
      continue;
    }
    const entry = { name, path, kind, isFile, isDirectory, isLink: isSymlink };
    const target = isSymlink ? await targetOf(path) : entry;
    if ("reason" in target) leftOut.push(mayHoldPictures(name, kind) ? target : { path, reason: leftOutKind(kind) });
    else (target.isDirectory ? folders : files).push({ ...entry, ...target });
  }
  return { folders, files, leftOut };
}

async function targetOf(path: string): Promise<Pick<Entry, "isFile" | "isDirectory"> | LeftOut> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    return { isFile, isDirectory };
  } catch (error) {
    return { path, reason: faultOf(path, error) };
  }
}

/** Tells if a link that leads nowhere may have led to a picture or a folder of pictures. */
const mayHoldPictures = (name: string, kind: FileKind): boolean => kind === "picture" || !/\.\w+$/.test(name);

/** Returns the reason to leave out a file that is no picture. */
export const leftOutKind = (kind: FileKind): "other format" | "other" =>
  kind === "other format" ? "other format" : "other";

/**
 * Reads a folder of splits or classes; links to itself or to a folder above are left out.
 *
 * @throws {InputError} if it does not exist, is no folder or cannot be opened, or a folder in it has no UTF-8 name
 */
export async function readNeededFolder(folder: string): Promise<Entries> {
  const entries = await readFolder(folder).catch((error) => {
    if (error instanceof Deno.errors.NotADirectory) throw new InputError(`${folder} is not a folder`);
    const fault = faultOf(folder, error);
    if (fault === "dead link") throw new InputError(`${folder} does not exist`);
    const why = fault === "bad name" ? "its name is not UTF-8; rename it" : "check its permissions";
    throw new InputError(`${folder} cannot be opened: ${why}`);
  });
  const real = await Deno.realPath(folder);
  const folders: Entry[] = [], leftOut = [...entries.leftOut];
  for (const entry of entries.folders) {
    if (await hasBadName(entry)) {
      throw new InputError(`${folder} has a folder whose name is not UTF-8 (${entry.name}); rename it`);
    }
    if (entry.isLink && isAbove(await Deno.realPath(entry.path), real)) {
      leftOut.push({ path: entry.path, reason: "linked again" });
    } else folders.push(entry);
  }
  return { ...entries, folders, leftOut };
}

/** Tells if a folder is another one or above it; both paths are real. */
const isAbove = (folder: string, other: string): boolean => relative(folder, other).split(sep)[0] !== "..";

/** Tells if a name is not UTF-8: the folder is listed, and cannot be found by the name that is read. */
async function hasBadName({ path }: Entry): Promise<boolean> {
  if (!path.includes("\uFFFD")) return false;
  return await Deno.stat(path).then(() => false, (error) => faultOf(path, error) === "bad name");
}
