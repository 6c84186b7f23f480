/**
 * A roll call finds the processes that are silent. A process that has waited long calls all others. Each of them answers
 * when its main thread is free, whether it waits or works.
 *
 * @module
 */

/** The two kinds of messages. */
export type Kind = "call" | "answer";

/** Small messages between the processes. Sending returns at once; whether a message arrives is not known. */
export interface Post {
  send(rank: number, kind: Kind, round: number): void;
  /** Returns the next message of a kind that has arrived. */
  receive(kind: Kind): { readonly rank: number; readonly round: number } | undefined;
}

export class RollCall {
  #round = 0;
  #missing = new Set<number>();

  /**
   * @param rank of this process
   * @param size number of processes
   */
  constructor(readonly post: Post, readonly rank: number, readonly size: number) {}

  /** Answers the calls of others, and counts the answers to this process's last call. */
  attend(): void {
    for (let call = this.post.receive("call"); call; call = this.post.receive("call")) {
      this.post.send(call.rank, "answer", call.round);
    }
    for (let answer = this.post.receive("answer"); answer; answer = this.post.receive("answer")) {
      if (answer.round === this.#round) this.#missing.delete(answer.rank);
    }
  }

  /** Calls all other processes; answers to earlier calls no longer count. */
  begin(): void {
    this.#round++;
    this.#missing = new Set(Array.from({ length: this.size }, (_, rank) => rank).filter((rank) => rank !== this.rank));
    for (const rank of this.#missing) this.post.send(rank, "call", this.#round);
  }

  /** The ranks that have not answered the last call, in order; none before the first. */
  get silent(): readonly number[] {
    return [...this.#missing];
  }
}
