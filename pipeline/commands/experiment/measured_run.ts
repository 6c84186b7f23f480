/**
 * The measures of a run of `experiment shaking`: its errors over the epochs, its last error and its branch correlations. They
 * travel between processes as one list of numbers.
 *
 * @module
 */

export interface MeasuredRun {
  /** Error of the last checkpoint on the test split, in percent. */
  readonly error: number;
  /** Error on the validated pictures after each epoch, in percent; NaN where `--validate-every` leaves an epoch out. */
  readonly errors: readonly number[];
  /** Error on the augmented and shaken batches of each epoch, in percent. */
  readonly trainingErrors: readonly number[];
  /** Correlation of the branches of each block. */
  readonly correlations: readonly number[];
}

export interface MeasuredSize {
  readonly epochs: number;
  readonly blocks: number;
}

/** Numbers of a run. */
export const lengthOf = ({ epochs, blocks }: MeasuredSize): number => 1 + 2 * epochs + blocks;

export const numbersOf = ({ error, errors, trainingErrors, correlations }: MeasuredRun): number[] => [
  ...[error, ...errors],
  ...[...trainingErrors, ...correlations],
];

export function measuredRun(numbers: ArrayLike<number>, { epochs }: MeasuredSize): MeasuredRun {
  const [error, ...others] = Array.from(numbers);
  return {
    error: error!,
    errors: others.slice(0, epochs),
    trainingErrors: others.slice(epochs, 2 * epochs),
    correlations: others.slice(2 * epochs),
  };
}

/** A list of so many numbers; those that are missing are NaN. */
export const filledTo = (count: number, numbers: readonly number[]): number[] =>
  Array.from({ length: count }, (_, at) => numbers[at] ?? NaN);
