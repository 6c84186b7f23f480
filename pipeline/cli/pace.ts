/**
 * The rate of a job and the time that it still needs.
 *
 * @module
 */

/** Seconds over which the current rate is measured. */
const WINDOW_SECONDS = 10;

export interface PaceReading {
  /** Units a second in the last seconds; undefined before the first unit is done. */
  readonly rate: number | undefined;
  /** Seconds to the end, at the mean rate since the job began; undefined before the first unit is done. */
  readonly left: number | undefined;
}

/** The pace of a job, measured from the units done at some times. */
export class Pace {
  /** Units done at the times within the window, and at the last time before it. */
  readonly #samples: { readonly done: number; readonly time: number }[];

  /**
   * @param total units of the job
   * @param from units done before the job began
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
