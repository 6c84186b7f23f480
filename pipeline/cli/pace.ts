/**
 * How fast a job goes and how long it will take.
 *
 * @module
 */

/** Seconds over which the present rate is measured. */
const WINDOW_SECONDS = 10;

export interface PaceReading {
  /** Of the unit, in a second, lately; undefined before anything was done. */
  readonly rate: number | undefined;
  /** Seconds until all is done, at the mean rate since the job began; undefined before anything was done. */
  readonly left: number | undefined;
}

/** The pace of a job, from what was done by when. */
export class Pace {
  /** What was done at times of the window, and at the last one before it. */
  readonly #samples: { readonly done: number; readonly time: number }[];

  /**
   * @param total of the unit
   * @param from what was done before the job began
   * @param began seconds, on the clock of {@linkcode at}
   */
  constructor(readonly total: number, readonly from: number, readonly began: number) {
    this.#samples = [{ done: from, time: began }];
  }

  at(done: number, time: number): PaceReading {
    const samples = this.#samples;
    samples.push({ done, time });
    while (samples[1]!.time <= time - WINDOW_SECONDS) samples.shift();
    if (done <= this.from || time <= this.began) return { rate: undefined, left: undefined };
    const { done: before, time: then } = samples[0]!;
    return {
      rate: (done - before) / Math.max(1e-9, time - then),
      left: (this.total - done) * (time - this.began) / (done - this.from),
    };
  }
}
