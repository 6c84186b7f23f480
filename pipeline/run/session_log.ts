/**
 * `sessions.jsonl`: when and how fast a run is trained. A session is one stretch of training: a line of JSON where it
 * begins, and a line where it ends or is stopped. The trained weights do not depend on it.
 *
 * @module
 */
import { z } from "zod";
import { appendToFile, isThere, restoreFile, writeFileAtomic } from "../../data/files/files.ts";
import { textIfThere } from "../../data/files/read_file.ts";
import { parseLines } from "./json_file.ts";

const count = z.int().min(0);
const atLeastOne = z.int().min(1);

const SessionBegin = z.object({
  event: z.literal("begin"),
  /** ISO 8601. */
  time: z.iso.datetime(),
  engine: z.string(),
  /** Steps that were done before. */
  step: count,
  /** Steps after which the run is done. */
  steps: atLeastOne,
  stepsPerEpoch: atLeastOne,
  /** Images of a step. */
  batch: atLeastOne,
});

const SessionEnd = z.object({
  event: z.literal("end"),
  time: z.iso.datetime(),
  /** Steps that are done now. */
  step: count,
  /** Duration of the session, with its validations and checkpoints. */
  seconds: z.number().min(0),
  /** Training images a second, over the session. */
  imagesPerSecond: z.number().min(0),
  /** Seconds from the start of the command, or of its stage, to the end of the session's first step. */
  secondsToFirstStep: z.number().min(0).optional(),
});

const SessionLine = z.discriminatedUnion("event", [SessionBegin, SessionEnd]);

export type SessionBegin = Readonly<z.output<typeof SessionBegin>>;
export type SessionEnd = Readonly<z.output<typeof SessionEnd>>;

/** A session; one that still runs, or crashed, has no end. */
export interface Session {
  readonly begin: SessionBegin;
  readonly end?: SessionEnd;
}

/** The sessions of a run in their order; a line that is damaged is left out. */
export async function readSessions(path: string): Promise<Session[]> {
  const lines = parseLines(await textIfThere(path) ?? "", SessionLine);
  return lines.flatMap((begin, at) => {
    if (begin.event === "end") return [];
    const end = lines[at + 1];
    return [{ begin, ...(end?.event === "end" && { end }) }];
  });
}

/** A session; disposing of it writes its end. */
export class SessionLog implements AsyncDisposable {
  readonly #start = performance.now();
  #step: number;
  #secondsToFirstStep: number | undefined;

  private constructor(readonly path: string, readonly begun: SessionBegin) {
    this.#step = begun.step;
  }

  /** Begins a session; a run that begins at step 0 drops its earlier sessions. */
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

  /** Notes the seconds from the start to the end of the first step. */
  firstStep(seconds: number): void {
    this.#secondsToFirstStep = seconds;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const step = this.#step;
    const seconds = (performance.now() - this.#start) / 1000;
    const imagesPerSecond = (step - this.begun.step) * this.begun.batch / seconds;
    const secondsToFirstStep = this.#secondsToFirstStep;
    const ended: SessionEnd = {
      ...{ event: "end", time: new Date().toISOString(), step, seconds, imagesPerSecond },
      ...(secondsToFirstStep !== undefined && { secondsToFirstStep }),
    };
    // An error that ended the session matters more than one of writing its last line.
    await this.#append(ended).catch(() => {});
  }

  async #append(ended: SessionEnd): Promise<void> {
    if (await restoreFile(this.path)) await append(this.path, this.begun);
    await append(this.path, ended);
  }
}

const append = (path: string, session: SessionBegin | SessionEnd): Promise<void> =>
  appendToFile(path, JSON.stringify(session) + "\n");
