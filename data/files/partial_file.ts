/**
 * The part of a download that has arrived, in `<path>.part`, and the validator (ETag or date) of its version beside it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { notWritten } from "./file_errors.ts";

/** The size and digest of a published file. */
export interface Published {
  readonly bytes: number;
  readonly md5: string;
}

/** A part of a file. */
export class PartialFile {
  readonly #part: string;
  readonly #version: string;

  constructor(readonly path: string) {
    this.#part = `${path}.part`;
    this.#version = `${path}.part.version`;
  }

  /** Returns the bytes that have arrived. */
  async size(): Promise<number> {
    return await Deno.stat(this.#part).then(({ size }) => size, () => 0);
  }

  /** Returns the validator, if it is known. */
  async version(): Promise<string | undefined> {
    return await Deno.readTextFile(this.#version).catch(() => undefined);
  }

  /** Opens the part to append at `begin`, which is its size, or to begin again at 0. */
  async open(begin: number, version: string | null): Promise<Deno.FsFile> {
    if (begin > 0) return await Deno.open(this.#part, { append: true });
    await this.discard();
    // A weak validator does not promise the same bytes.
    if (version && !version.startsWith("W/")) await Deno.writeTextFile(this.#version, version);
    return await Deno.open(this.#part, { write: true, create: true, truncate: true });
  }

  /** Describes how the part differs from the published file, if it does. */
  async mismatch({ bytes, md5 }: Published): Promise<string | undefined> {
    const size = await this.size();
    const actual = await md5Of(this.#part);
    if (size === bytes && actual === md5) return undefined;
    return `got ${size} bytes with MD5 ${actual}, expected ${bytes} bytes with MD5 ${md5}`;
  }

  /** Gives the part the file's name. */
  async rename(): Promise<void> {
    await Deno.rename(this.#part, this.path).catch((error) => {
      throw notWritten(this.path, error);
    });
    await Deno.remove(this.#version).catch(() => {});
  }

  /** Removes the part. */
  async discard(): Promise<void> {
    for (const path of [this.#part, this.#version]) await Deno.remove(path).catch(() => {});
  }
}

async function md5Of(path: string): Promise<string> {
  const hash = createHash("md5");
  using file = await Deno.open(path);
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}

/** Tells if a file is the published one. */
export async function isPublished(path: string, { bytes, md5 }: Published): Promise<boolean> {
  const size = await Deno.stat(path).then(({ size }) => size, () => -1);
  return size === bytes && await md5Of(path) === md5;
}
