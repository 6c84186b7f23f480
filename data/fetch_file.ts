/**
 * Downloads a file: streamed to disk, continued after a break, tried again with growing pauses, and checked before it
 * gets its name.
 *
 * @module
 */
import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { folderOf, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";

export interface FetchOptions {
  /** What the file must be, where that is known. */
  readonly expected?: { readonly bytes: number; readonly md5: string };
  /** Called with the bytes on disk, and with the bytes of the whole file once they are known. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
  /** Attempts after the first, in a row without a new byte; default 5. */
  readonly retries?: number;
  /** Pause before the first of them, in milliseconds, doubled each time; default 1000. */
  readonly pause?: number;
  /** Milliseconds without a byte after which an attempt has failed; default 30000. */
  readonly stall?: number;
}

/** Worth another attempt. */
class TransientError extends Error {}

/**
 * Downloads `url` to `path`, unless what is expected is there. What has come is kept in `<path>.part`, beside the
 * validator of its version, and a later call goes on from there.
 *
 * @throws {InputError} if the server refuses, keeps failing, or serves other bytes than expected
 */
export async function fetchFile(url: string, path: string, options: FetchOptions = {}): Promise<void> {
  const { retries = 5, pause = 1000, signal, expected } = options;
  if (expected && await isFile(path, expected)) return;
  const part = new PartialFile(path);
  await Deno.mkdir(folderOf(path), { recursive: true });
  let reached = -1, failures = 0;
  const attempt = async () => {
    try {
      await transfer(url, part, options);
    } catch (error) {
      const size = await part.size();
      failures = size > reached ? 0 : failures + 1;
      reached = Math.max(reached, size);
      throw error;
    }
  };
  try {
    await pRetry(attempt, {
      retries: Infinity,
      minTimeout: pause,
      maxTimeout: 60 * pause,
      randomize: true,
      ...(signal ? { signal } : {}),
      shouldRetry: ({ error }) => error instanceof TransientError && failures < retries,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (!(error instanceof TransientError)) throw error;
    throw new InputError(
      `cannot download ${url}: ${error.message}; run the command again to continue, or name another source with --from`,
    );
  }
  if (expected) await check(url, part, expected);
  await part.rename();
}

/** One request: appends to the part what is missing, or begins again where the server cannot continue it. */
async function transfer(
  url: string,
  part: PartialFile,
  { onProgress, signal, stall = 30_000, expected }: FetchOptions,
) {
  const have = await part.size();
  if (expected && have === expected.bytes) return;
  const abort = new AbortController();
  const stop = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal;
  const stalled = () => abort.abort(new TransientError(`no byte came for ${stall} ms`));
  let timer = setTimeout(stalled, stall);
  try {
    const validator = await part.validator();
    // Without a validator, only a known digest tells whether the rest belongs to what is there.
    const continues = have > 0 && (validator || expected);
    const headers: HeadersInit = continues
      ? { Range: `bytes=${have}-`, ...(validator && { "If-Range": validator }) }
      : {};
    const response = await fetch(url, { headers, signal: stop });
    const continued = response.status === 206 && rangeBegin(response) === have;
    if (!continued && response.status !== 200) {
      await response.body?.cancel();
      if (response.status === 206 || response.status === 416) await part.discard();
      throw refusal(url, response.status);
    }
    const already = continued ? have : 0;
    const length = Number(response.headers.get("content-length") ?? NaN);
    const total = Number.isFinite(length) && !response.headers.has("content-encoding") ? already + length : undefined;
    using file = await part.open(already, response.headers.get("etag") ?? response.headers.get("last-modified"));
    let bytes = already;
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(stalled, stall);
      await writeAll(file, chunk);
      bytes += chunk.length;
      onProgress?.(bytes, total ?? expected?.bytes);
      if (expected && bytes > expected.bytes) {
        await part.discard();
        throw new InputError(
          `${url} has more than the expected ${expected.bytes} bytes; it is not the file that was published`,
        );
      }
    }
    await file.sync();
    if (total !== undefined && bytes < total) {
      throw new TransientError(`the connection ended after ${bytes} of ${total} bytes`);
    }
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    // A connection that fails or breaks is a TypeError in fetch.
    throw error instanceof TypeError ? new TransientError(error.message, { cause: error }) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** What has come of a file, and the validator (ETag or date) of the version that it is of. */
class PartialFile {
  readonly #part: string;
  readonly #version: string;

  constructor(readonly path: string) {
    this.#part = `${path}.part`;
    this.#version = `${path}.part.version`;
  }

  async size(): Promise<number> {
    return await Deno.stat(this.#part).then(({ size }) => size, () => 0);
  }

  async validator(): Promise<string | undefined> {
    return await Deno.readTextFile(this.#version).catch(() => undefined);
  }

  /** Opens the part to append at `begin`, which is its size, or to begin it again. */
  async open(begin: number, validator: string | null): Promise<Deno.FsFile> {
    if (begin > 0) return await Deno.open(this.#part, { append: true });
    await this.discard();
    // A weak validator does not promise the same bytes.
    if (validator && !validator.startsWith("W/")) await Deno.writeTextFile(this.#version, validator);
    return await Deno.open(this.#part, { write: true, create: true, truncate: true });
  }

  async md5(): Promise<string> {
    return await md5Of(this.#part);
  }

  async rename(): Promise<void> {
    await Deno.rename(this.#part, this.path);
    await Deno.remove(this.#version).catch(() => {});
  }

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

async function isFile(path: string, { bytes, md5 }: { bytes: number; md5: string }): Promise<boolean> {
  const size = await Deno.stat(path).then(({ size }) => size, () => -1);
  return size === bytes && await md5Of(path) === md5;
}

async function check(url: string, part: PartialFile, { bytes, md5 }: { bytes: number; md5: string }): Promise<void> {
  const size = await part.size();
  const actual = await part.md5();
  if (size === bytes && actual === md5) return;
  await part.discard();
  const got = `${size} bytes with MD5 ${actual}`;
  throw new InputError(
    `${url} is not the file that was published: got ${got}, expected ${bytes} bytes with MD5 ${md5}`,
  );
}

function refusal(url: string, status: number): Error {
  const transient = status === 206 || status === 408 || status === 416 || status === 429 || status >= 500;
  const what = `the server answered ${status}`;
  return transient ? new TransientError(what) : new InputError(`cannot download ${url}: ${what}`);
}

/** The first byte of a partial answer. */
function rangeBegin(response: Response): number | undefined {
  const begin = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return begin === undefined ? undefined : Number(begin);
}
