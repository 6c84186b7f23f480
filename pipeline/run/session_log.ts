/**
 * sessions.jsonl: when and how fast a run was trained. A session, one stretch of training without a break, has a line of
 * JSON for its beginning and one for its end.
 *
 * @module
 */
import { appendToFile, isThere, writeFileAtomic } from "../../data/files/files.ts";

export interface SessionBegin {
  readonly event: "begin";
  /** ISO 8601. */
  readonly time: string;
  readonly engine: string;
  /** Steps that were done before. */
  readonly step: number;
  /** Steps after which the run is done. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Images of a step. */
  readonly batch: number;
}

export interface SessionEnd {
  readonly event: "end";
  readonly time: string;
  /** Steps that are done now. */
  readonly step: number;
  /** Of the session, with its validations and checkpoints. */
  readonly seconds: number;
  /** Training images in a second, over the session. */
  readonly imagesPerSecond: number;
}

/** A session; disposing of it writes its end. */
export class SessionLog implements AsyncDisposable {
  readonly #start = performance.now();
  #step: number;

  private constructor(readonly path: string, readonly begun: SessionBegin) {
    this.#step = begun.step;
  }

  /** Begins a session; a run that begins anew leaves its earlier ones behind. */
  static async begin(path: string, session: Omit<SessionBegin, "event" | "time">): Promise<SessionLog> {
    const begun: SessionBegin = { event: "begin", time: new Date().toISOString(), ...session };
    if (session.step === 0 || !await isThere(path)) await writeFileAtomic(path, "");
    await append(path, begun);
    return new SessionLog(path, begun);
  }

  /** Notes how many steps are done. */
  reached(step: number): void {
    this.#step = step;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const step = this.#step;
    const seconds = (performance.now() - this.#start) / 1000;
    const imagesPerSecond = (step - this.begun.step) * this.begun.batch / seconds;
    const ended: SessionEnd = { event: "end", time: new Date().toISOString(), step, seconds, imagesPerSecond };
    // An error that ended the session matters more than one of writing its last line.
    await append(this.path, ended).catch(() => {});
  }
}

const append = (path: string, session: SessionBegin | SessionEnd): Promise<void> =>
  appendToFile(path, JSON.stringify(session) + "\n");
