/**
 * Downloads a file: streamed to disk, continued after a break, tried again with growing pauses, and checked before it
 * gets its name.
 *
 * @module
 */
import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { folderOf, makeFolder, notWritten, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";

export interface FetchOptions {
  /** What the file must be, where that is known. */
  readonly expected?: { readonly bytes: number; readonly md5: string };
  /** The most bytes that it may have, where it is not known; default: no limit. */
  readonly atMost?: number;
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

/** Longest pause that a server may ask for, in milliseconds. */
const LONGEST_PAUSE = 300_000;

/** Worth another attempt, after a pause if the server asked for one. */
class TransientError extends Error {
  constructor(message: string, readonly pause = 0, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Downloads `url` to `path`, unless what is expected is there. What has come is kept in `<path>.part`, beside the
 * validator of its version, and a later call goes on from there.
 *
 * @throws {InputError} if the server refuses, keeps failing, or serves other bytes than expected
 */
export async function fetchFile(url: string, path: string, options: FetchOptions = {}): Promise<void> {
  const { expected } = options;
  if (expected && await isFile(path, expected)) return;
  const part = new PartialFile(path);
  await makeFolder(folderOf(path), path);
  const begun = await part.size();
  await transferAll(url, part, options);
  if (expected) {
    const wrong = await mismatch(part, expected);
    if (wrong) await part.discard();
    // What an earlier call left may be of another version; what is all of this call is what the server has.
    if (wrong && begun > 0) return await fetchFile(url, path, options);
    if (wrong) throw new InputError(`${url} is not the file that was published: ${wrong}`);
  }
  await part.rename();
}

/** Requests until all has come. */
async function transferAll(url: string, part: PartialFile, options: FetchOptions): Promise<void> {
  const { retries = 5, pause = 1000, signal } = options;
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
      onFailedAttempt: ({ error }) => sleep(error instanceof TransientError ? error.pause : 0, signal),
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (!(error instanceof TransientError)) throw error;
    throw new InputError(
      `cannot download ${url}: ${error.message}; run the command again to continue, or name another source with --from`,
    );
  }
}

const sleep = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });

/** One request: appends to the part what is missing, or begins again where the server cannot continue it. */
async function transfer(url: string, part: PartialFile, options: FetchOptions): Promise<void> {
  const { signal, stall = 30_000, expected } = options;
  const have = await part.size();
  if (expected && have === expected.bytes) return;
  const abort = new AbortController();
  const stop = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal;
  const stalled = () => abort.abort(new TransientError(`no byte came for ${stall} ms`));
  let timer = setTimeout(stalled, stall);
  const onByte = () => {
    clearTimeout(timer);
    timer = setTimeout(stalled, stall);
  };
  try {
    const { response, already, version } = await answer(url, part, { have, expected, signal: stop });
    await receive(url, part, response, { already, version, onByte, options });
  } catch (error) {
    if (abort.signal.aborted) throw abort.signal.reason;
    // A connection that fails or breaks is a TypeError in fetch.
    if (!(error instanceof TypeError)) throw notWritten(part.path, error);
    if (REDIRECTS.test(error.message)) throw new InputError(`cannot download ${url}: it redirects in circles`);
    throw new TransientError(error.message, 0, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

const REDIRECTS = /redirect count|too many redirects|maximum number of redirects/i;

interface Wanted {
  readonly have: number;
  readonly expected: FetchOptions["expected"];
  readonly signal: AbortSignal;
}

/** Asks for what is missing. The answer holds what follows the bytes that are there `already`, or everything. */
async function answer(url: string, part: PartialFile, { have, expected, signal }: Wanted) {
  const before = await part.version();
  // Of an unknown version, only a known digest tells whether the rest belongs to what is there.
  const continues = have > 0 && (before || expected);
  const headers: HeadersInit = {
    // As it lies there: a range of what was packed for the way could not be continued.
    "Accept-Encoding": "identity",
    ...(continues && { Range: `bytes=${have}-`, ...(before && { "If-Range": before }) }),
  };
  const response = await fetch(url, { headers, signal });
  const version = response.headers.get("etag") ?? response.headers.get("last-modified");
  // A server that does not know If-Range may go on with another version.
  const changed = before !== undefined && version !== before;
  const continued = response.status === 206 && rangeBegin(response) === have && !changed;
  if (continued || response.status === 200) return { response, already: continued ? have : 0, version };
  await response.body?.cancel();
  if (response.status === 206 || response.status === 416) await part.discard();
  throw refusal(url, response);
}

interface Receiving {
  readonly already: number;
  readonly version: string | null;
  readonly options: FetchOptions;
  onByte(): void;
}

/** Writes the body of an answer behind what is there already. */
async function receive(
  url: string,
  part: PartialFile,
  response: Response,
  { already, version, onByte, options: { onProgress, expected, atMost = Infinity } }: Receiving,
): Promise<void> {
  const length = Number(response.headers.get("content-length") ?? NaN);
  const total = Number.isFinite(length) && !response.headers.has("content-encoding") ? already + length : undefined;
  const most = expected?.bytes ?? atMost;
  if (expected && total !== undefined && total !== expected.bytes) {
    await response.body?.cancel();
    await part.discard();
    throw new InputError(
      `${url} has ${total} bytes, expected ${expected.bytes} bytes; it is not the file that was published`,
    );
  }
  using file = await part.open(already, version);
  let bytes = already;
  for await (const chunk of response.body ?? []) {
    onByte();
    bytes += chunk.length;
    if (bytes > most) {
      await part.discard();
      throw new InputError(
        `${url} has more than the expected ${most} bytes; it is not the file that was published`,
      );
    }
    await writeAll(file, chunk);
    onProgress?.(bytes, total ?? expected?.bytes);
  }
  await file.sync();
  const whole = expected?.bytes ?? total;
  if (whole !== undefined && bytes < whole) {
    throw new TransientError(`the connection ended after ${bytes} of ${whole} bytes`);
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

  /** The validator, if it is known. */
  async version(): Promise<string | undefined> {
    return await Deno.readTextFile(this.#version).catch(() => undefined);
  }

  /** Opens the part to append at `begin`, which is its size, or to begin it again. */
  async open(begin: number, version: string | null): Promise<Deno.FsFile> {
    if (begin > 0) return await Deno.open(this.#part, { append: true });
    await this.discard();
    // A weak validator does not promise the same bytes.
    if (version && !version.startsWith("W/")) await Deno.writeTextFile(this.#version, version);
    return await Deno.open(this.#part, { write: true, create: true, truncate: true });
  }

  async md5(): Promise<string> {
    return await md5Of(this.#part);
  }

  async rename(): Promise<void> {
    await Deno.rename(this.#part, this.path).catch((error) => {
      throw notWritten(this.path, error);
    });
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

/** How the part differs from what is expected, if it does. */
async function mismatch(
  part: PartialFile,
  { bytes, md5 }: { bytes: number; md5: string },
): Promise<string | undefined> {
  const size = await part.size();
  const actual = await part.md5();
  if (size === bytes && actual === md5) return undefined;
  return `got ${size} bytes with MD5 ${actual}, expected ${bytes} bytes with MD5 ${md5}`;
}

function refusal(url: string, { status, headers }: Response): Error {
  const transient = status === 206 || status === 408 || status === 416 || status === 429 || status >= 500;
  const what = `the server answered ${status}`;
  return transient
    ? new TransientError(what, pauseAskedFor(headers))
    : new InputError(`cannot download ${url}: ${what}`);
}

/** Milliseconds that the server asks to wait, as seconds or as a date. */
function pauseAskedFor(headers: Headers): number {
  const text = headers.get("retry-after");
  if (text === null) return 0;
  const milliseconds = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Math.min(LONGEST_PAUSE, Math.max(0, milliseconds || 0));
}

/** The first byte of a partial answer. */
function rangeBegin(response: Response): number | undefined {
  const begin = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return begin === undefined ? undefined : Number(begin);
}
