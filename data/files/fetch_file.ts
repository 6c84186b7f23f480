/**
 * Downloads a file: streams it to disk, continues after a break, retries with growing pauses, and checks it before it gets
 * its name.
 *
 * @module
 */
import pRetry from "p-retry";
import { notWritten } from "./file_errors.ts";
import { folderOf, makeFolder, writeAll } from "./files.ts";
import { InputError } from "./input_error.ts";
import { isPublished, PartialFile, type Published } from "./partial_file.ts";

export interface FetchOptions {
  /** Size and digest of the file, if they are known. */
  readonly expected?: Published;
  /** Greatest size in bytes, if the size is unknown; default: no limit. */
  readonly atMost?: number;
  /** Receives the bytes on disk, and the size of the file once it is known. */
  readonly onProgress?: (bytes: number, total: number | undefined) => void;
  readonly signal?: AbortSignal;
  /** Retries in a row without a new byte; default 5. */
  readonly retries?: number;
  /** Pause before the first retry in milliseconds, doubled each time; default 1000. */
  readonly pause?: number;
  /** Milliseconds without a byte after which an attempt fails; default 30000. */
  readonly stall?: number;
}

/** Longest pause that a server may request, in milliseconds. */
const LONGEST_PAUSE = 300_000;

/** A failure that a retry may cure, after the pause that the server requests. */
class TransientError extends Error {
  constructor(message: string, readonly pause = 0, options?: ErrorOptions) {
    super(message, options);
  }
}

/**
 * Downloads `url` to `path`, unless the expected file exists. An unfinished download stays in `<path>.part`, and a later
 * call continues it.
 *
 * @throws {InputError} if the server refuses, keeps failing, or serves other bytes than expected
 */
export async function fetchFile(url: string, path: string, options: FetchOptions = {}): Promise<void> {
  const { expected } = options;
  if (expected && await isPublished(path, expected)) return;
  const part = new PartialFile(path);
  await makeFolder(folderOf(path), path);
  const begun = await part.size();
  await transferAll(url, part, options);
  if (expected) {
    const wrong = await part.mismatch(expected);
    if (wrong) await part.discard();
    // The part of an earlier call may be of another version. A file fetched whole now is what the server serves.
    if (wrong && begun > 0) return await fetchFile(url, path, options);
    if (wrong) throw new InputError(`${url} is not the file that was published: ${wrong}`);
  }
  await part.rename();
}

/** Sends requests until the whole file has arrived. */
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

/** Sends one request: continues the part, or begins again if the server cannot continue it. */
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
    // fetch reports a connection that fails or breaks as a TypeError.
    if (!(error instanceof TypeError)) throw notWritten(part.path, error);
    if (REDIRECTS.test(error.message)) throw new InputError(`cannot download ${url}: it redirects in circles`);
    throw new TransientError(error.message, 0, { cause: error });
  } finally {
    clearTimeout(timer);
    // Closes the connection of an answer that was not read.
    abort.abort();
  }
}

const REDIRECTS = /redirect count|too many redirects|maximum number of redirects/i;

interface Wanted {
  readonly have: number;
  readonly expected: FetchOptions["expected"];
  readonly signal: AbortSignal;
}

/** Requests the missing bytes. The answer holds the bytes after those that are `already` on disk, or the whole file. */
async function answer(url: string, part: PartialFile, { have, expected, signal }: Wanted) {
  const before = await part.version();
  // If the version is unknown, only a known digest tells if the rest belongs to the part.
  const continues = have > 0 && (before || expected);
  const headers: HeadersInit = {
    // A range of compressed bytes could not be continued.
    "Accept-Encoding": "identity",
    ...(continues && { Range: `bytes=${have}-`, ...(before && { "If-Range": before }) }),
  };
  const response = await fetch(url, { headers, signal });
  const version = response.headers.get("etag") ?? response.headers.get("last-modified");
  // A server without If-Range may continue with another version.
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

/** Appends the body of an answer to the part. */
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

function refusal(url: string, { status, headers }: Response): Error {
  const transient = status === 206 || status === 408 || status === 416 || status === 429 || status >= 500;
  const what = `the server answered ${status}`;
  return transient
    ? new TransientError(what, pauseAskedFor(headers))
    : new InputError(`cannot download ${url}: ${what}`);
}

/** Returns the milliseconds that the server asks to wait; the header is in seconds or a date. */
function pauseAskedFor(headers: Headers): number {
  const text = headers.get("retry-after");
  if (text === null) return 0;
  const milliseconds = /^\d+$/.test(text) ? 1000 * Number(text) : Date.parse(text) - Date.now();
  return Math.min(LONGEST_PAUSE, Math.max(0, milliseconds || 0));
}

/** Returns the position of the first byte of a partial answer. */
function rangeBegin(response: Response): number | undefined {
  const begin = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1];
  return begin === undefined ? undefined : Number(begin);
}
