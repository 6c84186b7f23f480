/** Waits for what another process, or another part of this one, brings about. */
import assert from "#assert";

/** Milliseconds between two looks. */
const PAUSE = 20;

/**
 * Waits until something has happened.
 *
 * @param what its name in the error
 * @param ending settles when nothing can bring it about any more: a process has ended, a request is answered
 * @throws {assert.AssertionError} if that came first; the message has what `ending` gave
 */
export async function waitUntil(
  what: string,
  happened: () => boolean | Promise<boolean>,
  ending: Promise<unknown>,
): Promise<void> {
  let end: string | undefined;
  ending.then((result) => end = textOf(result), (error) => end = String(error));
  for (;;) {
    // It may have happened just before the end.
    const isOver = end !== undefined;
    if (await happened()) return;
    if (isOver) assert.fail(`ended before ${what}: ${end}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** The result with every line of its texts, such as all that a process said. */
function textOf(result: unknown): string {
  if (typeof result !== "object" || result === null) return String(result);
  return Object.entries(result).map(([name, value]) => `${name}: ${value}`).join("\n");
}
