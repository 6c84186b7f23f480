/**
 * The time from the start of a command to the end of its first training step.
 *
 * @module
 */

/** Measures when the first step of a session begins and ends. */
export class FirstStep {
  #begun: number | undefined;
  #ended: number | undefined;

  /**
   * @param start milliseconds on the clock; default: the start of the program
   * @param now the clock
   */
  constructor(readonly start = 0, readonly now: () => number = () => performance.now()) {}

  /** Notes that a step begins. */
  begins(): void {
    this.#begun ??= this.now();
  }

  /** Notes that a step has ended; true after the first one. */
  ends(): boolean {
    if (this.#ended !== undefined) return false;
    this.#ended = this.now();
    return true;
  }

  /** Seconds from the start to the end of the first step; undefined before. */
  get seconds(): number | undefined {
    return this.#ended && (this.#ended - this.start) / 1000;
  }

  toString(): string {
    const text = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
    const { start } = this, begun = this.#begun ?? start, ended = this.#ended ?? begun;
    return `first step after ${text(ended - start)}: ${text(begun - start)} of start, ${
      text(ended - begun)
    } of the step`;
  }
}
