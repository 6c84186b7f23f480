/**
 * Processes that run the same program together, and what they tell each other.
 *
 * @module
 */

/** Numbers that can be summed over the processes. */
export type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * All processes of a group call its methods in the same order. A call returns when the others have made it too, so one
 * that waits for a process that is gone may never return.
 */
export interface ProcessGroup {
  /** Which of the processes this is, 0 to `size - 1`. */
  readonly rank: number;
  readonly size: number;
  /** How many of them run on this machine. */
  readonly localSize: number;
  /** Which of those this is, 0 to `localSize - 1`. */
  readonly localRank: number;
  /**
   * Sums arrays of equal length over the processes, in place; the results are the same bytes in all of them.
   *
   * @throws {ProcessLostError} if another process is seen to be gone
   */
  sum(values: Numbers): Promise<void>;
  /** The same, without letting anything else run meanwhile. */
  sumNow(values: Numbers): void;
  /**
   * Replaces the bytes by those of another process; all give as many.
   *
   * @param root the process whose bytes they become
   */
  broadcast(bytes: Uint8Array<ArrayBuffer>, root: number): Promise<void>;
  /** Ends the group, in agreement; then the process must end by `Deno.exit`. */
  finish(): void;
}

/** Another process of the group is gone; the message says what to do. */
export class ProcessLostError extends Error {
  override name = "ProcessLostError";
  readonly exitCode = 1;
}

/** The group of a process that is alone. */
export const alone: ProcessGroup = {
  rank: 0,
  size: 1,
  localRank: 0,
  localSize: 1,
  sum: () => Promise.resolve(),
  sumNow() {},
  broadcast: () => Promise.resolve(),
  finish() {},
};

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** A text of one process, in all of them. */
export async function broadcastText(group: ProcessGroup, text: string, root: number): Promise<string> {
  const bytes = encoder.encode(text);
  const length = Float64Array.of(bytes.length);
  await group.broadcast(new Uint8Array(length.buffer), root);
  const message = group.rank === root ? bytes : new Uint8Array(length[0]!);
  await group.broadcast(message, root);
  return decoder.decode(message);
}

/** The texts of all processes, by rank, in all of them. */
export async function gatherTexts(group: ProcessGroup, text: string): Promise<string[]> {
  const texts: string[] = [];
  for (let rank = 0; rank < group.size; rank++) texts.push(await broadcastText(group, text, rank));
  return texts;
}
