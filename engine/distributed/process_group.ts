/**
 * A group of processes that run the same program together, and the messages between them.
 *
 * @module
 */

/** Numbers that can be summed over the processes. */
export type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A group of processes. All of them call its methods in the same order. A call returns when the others have made it too. */
export interface ProcessGroup {
  /** Index of this process, 0 to `size - 1`. */
  readonly rank: number;
  /** Number of processes. */
  readonly size: number;
  /** Number of processes on this machine. */
  readonly localSize: number;
  /** Index of this process on this machine, 0 to `localSize - 1`. */
  readonly localRank: number;
  /**
   * Sums arrays of equal length over the processes, in place. The result has the same bytes in all processes.
   *
   * @throws {ProcessLostError} if another process is gone, or is silent for the group's time limit
   */
  sum(values: Numbers): Promise<void>;
  /**
   * Does the same before it returns; nothing else runs meanwhile.
   *
   * @param interrupt is called again and again; what it throws ends the waiting
   */
  sumNow(values: Numbers, interrupt?: () => void): void;
  /** True if the processes share a thread, which `sumNow` would block: graphs are cut at sums. Default: false. */
  readonly cutAtSums?: boolean;
  /**
   * Replaces the bytes by those of one process. All processes pass equally many.
   *
   * @param root rank of the process whose bytes all receive
   */
  broadcast(bytes: Uint8Array<ArrayBuffer>, root: number): Promise<void>;
  /** Ends the start-up, in which processes have more time to answer. Only the first call has an effect. */
  started(): void;
  /** Ends the group, in all processes; afterwards the process must end by `Deno.exit`. */
  finish(): Promise<void>;
}

/** Reports that another process of the group is gone; the message says what to do. */
export class ProcessLostError extends Error {
  override name = "ProcessLostError";
  readonly exitCode = 1;
}

/** Reports that other processes have not answered for long. */
export class SilentProcessError extends ProcessLostError {
  override name = "SilentProcessError";
  /** The lowest rank that is not silent: it reports for all. */
  readonly reporter: number;

  /**
   * @param seconds the time limit
   * @param limitName its name
   */
  constructor(
    readonly silent: readonly number[],
    { size }: Pick<ProcessGroup, "size">,
    readonly seconds: number,
    limitName: string,
  ) {
    const ranks = silent.length === 1 ? `rank ${silent[0]} has` : `ranks ${silent.join(", ")} have`;
    super(
      `${ranks} not answered within ${seconds} s (${limitName}): a process hangs, or the network to it is cut; ` +
        "look at its machine, then continue the run",
    );
    this.reporter = Array.from({ length: size }, (_, rank) => rank).find((rank) => !silent.includes(rank))!;
  }
}

/** The group of a single process. */
export const alone: ProcessGroup = {
  rank: 0,
  size: 1,
  localRank: 0,
  localSize: 1,
  sum: () => Promise.resolve(),
  sumNow() {},
  broadcast: () => Promise.resolve(),
  started() {},
  finish: () => Promise.resolve(),
};

const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Sends a text of one process to all, and returns it. */
export async function broadcastText(group: ProcessGroup, text: string, root: number): Promise<string> {
  const bytes = encoder.encode(text);
  const length = Float64Array.of(bytes.length);
  await group.broadcast(new Uint8Array(length.buffer), root);
  const message = group.rank === root ? bytes : new Uint8Array(length[0]!);
  await group.broadcast(message, root);
  return decoder.decode(message);
}

/** Collects the texts of all processes, by rank, in every process. */
export async function gatherTexts(group: ProcessGroup, text: string): Promise<string[]> {
  const texts: string[] = [];
  for (let rank = 0; rank < group.size; rank++) texts.push(await broadcastText(group, text, rank));
  return texts;
}
