/**
 * Takes the members that are expected, and nothing else, out of a gzipped tar archive.
 *
 * @module
 */
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { replaceFile, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";

/** A member that must be in the archive. */
export interface Member {
  /** Its path in the archive. */
  readonly path: string;
  /** Its exact size, or the most it may have. */
  readonly bytes: { readonly exactly: number } | { readonly atMost: number };
  /** Where it is written. */
  readonly target: string;
}

/**
 * Extracts `members`. Each is checked while it is read, and written whole or not at all; no other member is written,
 * whatever its name.
 *
 * @param path of the archive
 * @throws {InputError} if the archive is damaged, or a member is missing, double, not a plain file or of another size
 */
export async function extractMembers(path: string, members: readonly Member[]): Promise<void> {
  const missing = new Map(members.map((member) => [member.path, member]));
  const wanted = new Set(missing.keys());
  const file = await Deno.open(path);
  const entries = file.readable
    .pipeThrough(new DecompressionStream("gzip"))
    .pipeThrough(createTarDecoder({ strict: true }));
  try {
    for await (const { header, body } of entries) {
      const name = header.name.replace(/^\.\//, "");
      const member = missing.get(name);
      if (!member) {
        if (wanted.has(name)) throw new InputError(`${path}: member ${name} is there twice`);
        await body.cancel();
        continue;
      }
      missing.delete(name);
      await extract(path, member, { header, body });
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new InputError(`${path} is not a whole gzipped tar archive (${what}); remove it and fetch it again`);
  }
  for (const name of missing.keys()) throw new InputError(`${path}: member ${name} is missing`);
}

async function extract(path: string, { path: name, bytes, target }: Member, { header, body }: ParsedTarEntry) {
  const size = header.size;
  if ((header.type ?? "file") !== "file") {
    throw new InputError(`${path}: member ${name} is a ${header.type}, not a file`);
  }
  if ("exactly" in bytes ? size !== bytes.exactly : size > bytes.atMost) {
    const allowed = "exactly" in bytes ? bytes.exactly : `at most ${bytes.atMost}`;
    throw new InputError(`${path}: member ${name} has ${size} bytes, not ${allowed}`);
  }
  await replaceFile(target, async (file) => {
    for await (const chunk of body) await writeAll(file, chunk);
  });
}
