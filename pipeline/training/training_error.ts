/**
 * The error of a run that diverged.
 *
 * @module
 */

/** Training cannot go on; the message says why, and what is left. */
export class TrainingError extends Error {
  override name = "TrainingError";
  readonly exitCode = 1;

  /**
   * @param reason the number that is not finite, and its step
   * @param kept the checkpoint that the run can be resumed from
   */
  static diverged(reason: string, learningRate: number, kept: string): TrainingError {
    return new TrainingError(
      `${reason}, with learning rate ${learningRate}; ${kept}; begin again with a lower --learning-rate, ` +
        "or continue with --resume --non-finite skip",
    );
  }
}
