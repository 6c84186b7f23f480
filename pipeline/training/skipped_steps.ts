/**
 * Decides about steps whose loss or new weights are not finite: the run stops, or skips them up to a limit.
 *
 * @module
 */
import type { Configuration } from "../configuration/fields.ts";
import type { StepOutcome } from "./step_runner.ts";

/** A run stops at this many skipped steps in a row. */
const LIMIT = 10;

export interface SkippedStepsOptions {
  readonly nonFinite: Configuration["nonFinite"];
  /** Makes the error that stops the run. */
  readonly diverged: (reason: string, learningRate: number) => Error;
  readonly log: (line: string) => void;
}

export class SkippedSteps {
  #inRow = 0;

  constructor(readonly options: SkippedStepsOptions) {}

  /**
   * Counts the skipped steps in a row, and warns of each.
   *
   * @param step number of the step, from 1
   * @throws the error that stops the run
   */
  count(step: number, { loss, skipped }: StepOutcome, learningRate: number): void {
    if (!skipped) {
      this.#inRow = 0;
      return;
    }
    const { nonFinite, diverged, log } = this.options;
    const reason = Number.isFinite(loss)
      ? `step ${step} leads to weights that are not finite`
      : `the loss is ${loss} at step ${step}`;
    if (nonFinite === "stop") throw diverged(reason, learningRate);
    if (++this.#inRow === LIMIT) throw diverged(`${reason}, after ${LIMIT - 1} skipped steps in a row`, learningRate);
    log(`warning: ${reason}, with learning rate ${learningRate}; the step is skipped`);
  }
}
