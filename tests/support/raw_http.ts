/** A client that sends any bytes, also those that are no HTTP. */

export interface Sent {
  /** All that the server sent until it closed the connection, or until `enough` matched. */
  readonly text: string;
  readonly closed: boolean;
}

/**
 * Sends a text over a connection of its own, and reads.
 *
 * @param enough ends the reading before the server closes
 * @param later sent once it is there
 */
export async function sendRaw(port: number, text: string, enough?: RegExp, later?: Promise<string>): Promise<Sent> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  if (later) await connection.write(new TextEncoder().encode(await later));
  const decoder = new TextDecoder(), buffer = new Uint8Array(4096);
  let answer = "";
  while (!enough?.test(answer)) {
    const length = await connection.read(buffer).catch(() => null);
    if (length === null) return { text: answer, closed: true };
    answer += decoder.decode(buffer.subarray(0, length), { stream: true });
  }
  return { text: answer, closed: false };
}
