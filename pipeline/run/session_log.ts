/**
 * sessions.jsonl: when and how fast a run was trained, a line of JSON where it began or went on, and one where it ended
 * or was stopped. What is learnt does not depend on it.
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

export class SessionLog {
  readonly #start = performance.now();

  private constructor(readonly path: string, readonly begun: SessionBegin) {}

  /** Begins a session; a run that begins anew leaves its earlier ones behind. */
  static async begin(path: string, session: Omit<SessionBegin, "event" | "time">): Promise<SessionLog> {
    const begun: SessionBegin = { event: "begin", time: new Date().toISOString(), ...session };
    if (session.step === 0 || !await isThere(path)) await writeFileAtomic(path, "");
    await append(path, begun);
    return new SessionLog(path, begun);
  }

  /** Ends the session; that it cannot be written down is no reason to hide why it ended. */
  async end(step: number): Promise<void> {
    const seconds = (performance.now() - this.#start) / 1000;
    const imagesPerSecond = (step - this.begun.step) * this.begun.batch / seconds;
    const ended: SessionEnd = { event: "end", time: new Date().toISOString(), step, seconds, imagesPerSecond };
    await append(this.path, ended).catch(() => {});
  }
}

const append = (path: string, session: SessionBegin | SessionEnd): Promise<void> =>
  appendToFile(path, JSON.stringify(session) + "\n");
