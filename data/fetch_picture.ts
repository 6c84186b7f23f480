/**
 * Fetches a picture into memory.
 *
 * @module
 */
import { readStream } from "./files/read_stream.ts";

export interface FetchPictureOptions {
  /** Greatest size of a picture in bytes; default 32 MiB. */
  readonly most?: number;
  /** Milliseconds for the whole download; default 30000. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** @throws {Error} if it cannot be fetched; the message says why. If the signal is aborted, its reason */
export async function fetchPicture(
  url: string,
  { most = 32 << 20, timeout = 30_000, signal }: FetchPictureOptions = {},
): Promise<Uint8Array> {
  const deadline = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
    }
    if (!response.body) return new Uint8Array(0);
    return await readStream(response.body, most, () => new Error(`it has more than ${most} bytes`));
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw deadline.aborted ? new Error(`it did not come in ${timeout / 1000} s`) : error;
  }
}
