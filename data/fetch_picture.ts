/**
 * Fetches a picture into memory.
 *
 * @module
 */

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
    if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`.trim());
    return await readAtMost(response, most);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw deadline.aborted ? new Error(`it did not come in ${timeout / 1000} s`) : error;
  }
}

async function readAtMost({ body }: Response, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    if ((length += chunk.length) > most) throw new Error(`it has more than ${most} bytes`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
