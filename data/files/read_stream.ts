/**
 * Reads a stream of bytes into memory.
 *
 * @module
 */

/**
 * Reads the whole stream.
 *
 * @param most greatest number of bytes
 * @param tooLong makes the error for a stream that has more
 */
export async function readStream(
  stream: AsyncIterable<Uint8Array>,
  most: number,
  tooLong: () => Error,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if ((length += chunk.length) > most) throw tooLong();
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
