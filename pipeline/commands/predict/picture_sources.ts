/**
 * Finds the pictures that a command line names: files, folders, patterns and URLs.
 *
 * @module
 */
import { glob } from "node:fs/promises";
import { imagesBelow } from "../../../data/image_folder.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { UsageError } from "../../configuration/usage_error.ts";

export const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

/**
 * The named pictures in the order of their names; those of a folder or a pattern are in the order of their paths.
 *
 * @param urls allows URLs
 * @throws {InputError} if a named file or folder does not exist
 */
export async function picturesOf(operands: readonly string[], urls: boolean): Promise<string[]> {
  const found: string[] = [];
  for (const operand of operands) found.push(...await picturesOfOne(operand, urls));
  return found;
}

async function picturesOfOne(operand: string, urls: boolean): Promise<string[]> {
  if (isUrl(operand)) {
    if (!urls) throw new UsageError(`${operand} is a URL: pictures are fetched from the network only with --urls`);
    return [operand];
  }
  const info = await Deno.stat(operand).catch((error) => {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  });
  if (info?.isDirectory) {
    const images = await imagesBelow(operand.replace(/(?<=.)\/+$/, ""));
    if (images.length === 0) throw new InputError(`${operand} has no images (png, jpg, webp, avif, gif or tiff)`);
    return images;
  }
  if (info) return [operand];
  if (!/[*?[{]/.test(operand)) throw new InputError(`${operand} does not exist`);
  const matches = (await Array.fromAsync(glob(operand))).toSorted();
  if (matches.length === 0) throw new InputError(`no file matches ${operand}`);
  return (await Promise.all(matches.map((path) => picturesOfOne(path, urls)))).flat();
}
