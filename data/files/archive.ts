/**
 * Extracts the expected members of a gzipped tar archive, and no others.
 *
 * @module
 */
import { createTarDecoder, type ParsedTarEntry } from "modern-tar";
import { notRead } from "./file_errors.ts";
import { folderOf, makeFolder, type StagedFile, stageFile, writeAll } from "./files.ts";
import { shortened } from "../printable.ts";
import { InputError } from "./input_error.ts";

/** A member that must be in the archive. */
export interface Member {
  /** Its path in the archive. */
  readonly path: string;
  /** Its exact size, or its greatest size. */
  readonly bytes: { readonly exactly: number } | { readonly atMost: number };
  /** Path of the extracted file. */
  readonly target: string;
}

/** Greatest size of all other members together; a larger archive is refused. */
const OTHER_BYTES = 16 * 2 ** 20;

/**
 * Extracts `members`: all of them, after the archive was read to its end and found correct, or none.
 *
 * @param path path of the archive
 * @throws {InputError} if the archive is damaged or too large; if a member is a link, a device or a duplicate, or its name
 * leads out of the folder; or if an expected member is missing, is not a file or has another size
 */
export async function extractMembers(path: string, members: readonly Member[], signal?: AbortSignal): Promise<void> {
  const expected = new Map(members.map((member) => [member.path, member]));
  const staged = new Map<string, StagedFile>();
  const names = new Set<string>();
  try {
    for await (const { header, body } of await entriesOf(path, mostBytes(members))) {
      signal?.throwIfAborted();
      const name = checkedName(path, header);
      if (names.has(name)) throw new InputError(`${path}: member ${shortened(name)} is there twice`);
      names.add(name);
      const member = expected.get(name);
      if (member) staged.set(name, await stage(path, member, { header, body }));
      else await body.cancel();
    }
    const missing = members.find((member) => !staged.has(member.path));
    if (missing) throw new InputError(`${path}: member ${missing.path} is missing`);
  } catch (error) {
    for (const file of staged.values()) await file.discard();
    if (error instanceof InputError || signal?.aborted) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new InputError(`${path} is not a whole gzipped tar archive (${what}); remove it and fetch it again`);
  }
  for (const file of staged.values()) await file.commit();
}

const mostBytes = (members: readonly Member[]): number =>
  members.reduce((sum, { bytes }) => sum + ("exactly" in bytes ? bytes.exactly : bytes.atMost), OTHER_BYTES);

/** Reads the members of an archive, and fails when more than `most` bytes are unpacked. */
async function entriesOf(path: string, most: number): Promise<ReadableStream<ParsedTarEntry>> {
  let file;
  try {
    file = await Deno.open(path);
  } catch (error) {
    throw notRead(path, error);
  }
  let unpacked = 0;
  const limit = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      unpacked += chunk.length;
      if (unpacked > most) throw new InputError(`${path} unpacks to more than the ${most} bytes that it may have`);
      controller.enqueue(chunk);
    },
  });
  return file.readable.pipeThrough(new DecompressionStream("gzip")).pipeThrough(limit)
    .pipeThrough(createTarDecoder({ strict: true }));
}

/** Returns the name of a member without a leading `./`, if it is a file or folder inside the archive's folder. */
function checkedName(path: string, { name, type = "file" }: ParsedTarEntry["header"]): string {
  if (name.startsWith("/") || name.split(/[/\\]/).includes("..") || /^[A-Za-z]:/.test(name)) {
    throw new InputError(`${path}: member ${shortened(name)} would lie outside the archive's folder`);
  }
  if (type !== "file" && type !== "directory") {
    throw new InputError(`${path}: member ${shortened(name)} is a ${type}, not a file`);
  }
  return name.replace(/^(\.\/)+/, "");
}

async function stage(path: string, { path: name, bytes, target }: Member, { header, body }: ParsedTarEntry) {
  const { size, type = "file" } = header;
  if (type !== "file") throw new InputError(`${path}: member ${shortened(name)} is a ${type}, not a file`);
  if ("exactly" in bytes ? size !== bytes.exactly : size > bytes.atMost) {
    const allowed = "exactly" in bytes ? bytes.exactly : `at most ${bytes.atMost}`;
    throw new InputError(`${path}: member ${shortened(name)} has ${size} bytes, not ${allowed}`);
  }
  await makeFolder(folderOf(target), target);
  return await stageFile(target, async (file) => {
    for await (const chunk of body) await writeAll(file, chunk);
  });
}
