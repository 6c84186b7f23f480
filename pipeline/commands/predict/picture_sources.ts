/**
 * Finds the pictures that a command line names: files, folders, patterns, URLs and standard input.
 *
 * @module
 */
import { glob } from "node:fs/promises";
import { PICTURE_ENDINGS } from "../../../data/image_folder/file_kinds.ts";
import { findPictures } from "../../../data/image_folder/find_pictures.ts";
import { groupedByReason, isUnreadable, sentenceOf } from "../../../data/image_folder/left_out.ts";
import { notRead } from "../../../data/files/file_errors.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { UsageError } from "../../configuration/usage_error.ts";

/** The operand that stands for standard input. */
export const STANDARD_INPUT = "-";

export const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

/**
 * The named pictures in the order of their names; those of a folder or a pattern are in the order of their paths.
 *
 * @param urls allows URLs
 * @param log receives a line for each kind of file that a folder has beside its pictures
 * @throws {InputError} if a named file or folder does not exist
 */
export async function picturesOf(operands: readonly string[], urls: boolean, log: Log): Promise<string[]> {
  const found: string[] = [];
  for (const operand of operands) found.push(...await picturesOfOne(operand, urls, log));
  return found;
}

type Log = (line: string) => void;

async function picturesOfOne(operand: string, urls: boolean, log: Log): Promise<string[]> {
  if (operand === STANDARD_INPUT) {
    if (Deno.stdin.isTerminal()) {
      throw new UsageError("- reads a picture from standard input; write `< picture.jpg` behind it");
    }
    return [operand];
  }
  if (isUrl(operand)) {
    if (!urls) throw new UsageError(`${operand} is a URL: pictures are fetched from the network only with --urls`);
    return [operand];
  }
  const info = await Deno.stat(operand).catch((error) => {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw notRead(operand, error);
  });
  if (info?.isDirectory) return await picturesBelow(operand.replace(/(?<=.)\/+$/, ""), log);
  if (info) return [operand];
  if (!/[*?[{]/.test(operand)) throw new InputError(`${operand} does not exist`);
  const matches = (await Array.fromAsync(glob(operand))).toSorted();
  if (matches.length === 0) throw new InputError(`no file matches ${operand}`);
  return (await Promise.all(matches.map((path) => picturesOfOne(path, urls, log)))).flat();
}

/** The pictures at any depth below a folder, each once. One that cannot be read is listed too, so that its error is shown. */
async function picturesBelow(folder: string, log: Log): Promise<string[]> {
  const { pictures, leftOut } = await findPictures([folder]);
  const paths = [...pictures.flat(), ...leftOut.filter(isUnreadable).map(({ path }) => path)];
  const others = groupedByReason(leftOut.filter((one) => !isUnreadable(one)));
  if (paths.length > 0) {
    for (const group of others) log(`predict: ${sentenceOf(group, folder)}`);
    return paths.toSorted();
  }
  const instead = others.map(({ count, reason }) => `${count} ${reason}`).join(", ");
  throw new InputError(`${folder} has no images (${PICTURE_ENDINGS})${instead && `, only ${instead}`}`);
}
