/**
 * A cache of optimised graphs on disk. Optimising takes three quarters of the time in which onnxruntime opens a session of a
 * training step.
 *
 * An entry is the optimised model, followed by a digest. Its name is a digest of everything that it is made from, so an
 * entry is never out of date. Where the cache cannot be read or written, sessions open without it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { cpus } from "node:os";
import { join } from "node:path";
import { onnxruntime } from "./onnxruntime.ts";
import { sourceDigest } from "./source_digest.ts";

/** How a session opens its model. */
export interface Opening {
  /** The model is optimised: nothing is left to do. */
  readonly isOptimised: boolean;
  /** The file that receives the optimised model. */
  readonly writeTo?: string;
}

/** Opens a session of some kind. */
export type Open<Session> = (model: Uint8Array, opening: Opening) => Session | Promise<Session>;

/** Bytes of the newest files that stay: a training step of ShakeNet-26 is 5 MB. */
const KEPT_BYTES = 128 * 2 ** 20;
const DIGEST_BYTES = 32;
/** The sources that turn a traced graph into a model, and open a session on it. */
const SOURCES = ["engine", "onnx"];

/** The digest of the sources, read once: a process runs the sources that it has loaded. */
let sources: Promise<string> | undefined;

/** A folder of optimised models. */
export class SessionCache {
  private constructor(
    readonly folder: string,
    /** Everything that an optimised model depends on beside its graph: versions, processor and sources. */
    readonly made: string,
    readonly isWritable: boolean,
  ) {}

  /**
   * Opens the cache in a folder of caches.
   *
   * @param version of onnxruntime; default: of the library that is loaded
   * @returns undefined without the permission to read the processor's name
   */
  static async open(
    caches: string,
    block: number | undefined,
    version = onnxruntime().env.versions.node,
  ): Promise<SessionCache | undefined> {
    if (!await isGranted({ name: "sys", kind: "cpus" })) return undefined;
    const folder = join(caches, "sessions");
    // The blocked format is all that the instruction sets of a processor change in a graph of float32.
    const processor = `${Deno.build.os} ${Deno.build.arch} ${cpus()[0]?.model} ${block}`;
    const made = `${version} ${processor} ${await (sources ??= sourceDigest(SOURCES))}`;
    return new SessionCache(folder, made, await isGranted({ name: "write", path: folder }));
  }

  /**
   * Opens a session on the optimised model of a subject, or on its model, which is then kept as optimised.
   *
   * @param subject decides, with the machine and the versions, what `model` returns
   */
  async session<Session>(
    subject: string,
    model: () => Uint8Array | Promise<Uint8Array>,
    open: Open<Session>,
  ): Promise<Session> {
    const name = createHash("sha256").update(`${this.made}\n${subject}`).digest("hex");
    const path = join(this.folder, `${name}.onnx`);
    const kept = await this.#opened(name, path, open);
    if (kept !== undefined) return kept;
    return await this.#keeping(name, path, await model(), open);
  }

  /** Opens a session on an entry. */
  async #opened<Session>(name: string, path: string, open: Open<Session>): Promise<Session | undefined> {
    try {
      const file = await Deno.readFile(path);
      const model = file.subarray(0, -DIGEST_BYTES);
      if (!digestOf(name, model).equals(file.subarray(-DIGEST_BYTES))) return undefined;
      const session = await open(model, { isOptimised: true });
      // The entries that are used stay.
      if (this.isWritable) await Deno.utime(path, new Date(), new Date()).catch(() => {});
      return session;
    } catch {
      // There is no entry, or onnxruntime refuses it.
      return undefined;
    }
  }

  /** Opens a session on a model, and makes an entry of it. */
  async #keeping<Session>(name: string, path: string, model: Uint8Array, open: Open<Session>): Promise<Session> {
    if (!this.isWritable) return await open(model, { isOptimised: false });
    const beside = `${path}.${crypto.randomUUID()}.part`;
    try {
      await Deno.mkdir(this.folder, { recursive: true });
      const session = await open(model, { isOptimised: false, writeTo: beside });
      await seal(name, beside, path).catch(() => {});
      await this.removeOldest().catch(() => {});
      return session;
    } catch {
      // A full disk, for example: an error of the model itself comes again.
      return await open(model, { isOptimised: false });
    } finally {
      await Deno.remove(beside).catch(() => {});
    }
  }

  /** Keeps the files that were used last, 128 MiB of them, and removes the others. */
  async removeOldest(): Promise<void> {
    const files: { readonly path: string; readonly time: number; readonly size: number }[] = [];
    for await (const { name } of Deno.readDir(this.folder)) {
      const path = join(this.folder, name);
      const { mtime, size } = await Deno.stat(path);
      files.push({ path, time: mtime?.getTime() ?? 0, size });
    }
    let newer = 0;
    // Optimised models, outlines, and what killed processes left.
    for (const { path, size } of files.sort((a, b) => b.time - a.time)) {
      if (newer > KEPT_BYTES) await Deno.remove(path).catch(() => {});
      newer += size;
    }
  }
}

/** Appends its digest to a file, and gives the file its name. Nothing is flushed: the digest shows what a crash lost. */
async function seal(name: string, beside: string, path: string): Promise<void> {
  await Deno.writeFile(beside, digestOf(name, await Deno.readFile(beside)), { append: true, create: false });
  await Deno.rename(beside, path);
}

/** The digest includes the name, so a file that is copied to another name is no entry. */
const digestOf = (name: string, model: Uint8Array) => createHash("sha256").update(name).update(model).digest();

const isGranted = async (permission: Deno.PermissionDescriptor): Promise<boolean> =>
  (await Deno.permissions.query(permission)).state === "granted";
