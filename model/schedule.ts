/**
 * Learning rates by step.
 *
 * - `cosine`: annealed to 0 over the whole run, the paper's (Loshchilov & Hutter 2017, "SGDR", equation 5 with one period).
 * - `restarts`: the same in periods of T_0, T_0 T_mult, T_0 T_mult^2, ... epochs, each from the initial rate (equation 5)
 *   and of a whole number of steps.
 * - `plateau`: multiplied by a factor when the validation loss has not fallen for more than some epochs, as PyTorch's
 *   ReduceLROnPlateau does with `threshold=0`.
 * - `constant`.
 *
 * A warm-up may precede any schedule and rises linearly to the initial rate (Goyal et al. 2017, section 2.2).
 *
 * @module
 */

export const scheduleNames = ["cosine", "restarts", "plateau", "constant"] as const;
export type ScheduleName = typeof scheduleNames[number];

export interface ScheduleOptions {
  readonly schedule: ScheduleName;
  /** The initial, and greatest, rate. */
  readonly learningRate: number;
  /** Steps of the run, including the warm-up. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  /** Epochs of the warm-up, at least 0. */
  readonly warmupEpochs: number;
  /** T_0 of `restarts`: epochs of the first period. */
  readonly restartEpochs: number;
  /** T_mult of `restarts`: length of a period over the one before it, at least 1. */
  readonly restartFactor: number;
  /** Factor of the rate when `plateau` reduces it, between 0 and 1. */
  readonly plateauFactor: number;
  /** Epochs without a lower validation loss that `plateau` tolerates, PyTorch's `patience`; the next one reduces the rate. */
  readonly plateauEpochs: number;
}

/** The state of the schedule `plateau`. */
export interface Plateau {
  /** The least validation loss; null before the first validation. */
  readonly best: number | null;
  /** Epochs since the least loss or the last reduction. */
  readonly waited: number;
  readonly reductions: number;
}

export const noPlateau: Plateau = { best: null, waited: 0, reductions: 0 };

/**
 * Returns the rate of a step.
 *
 * @param step 0 to `steps - 1`
 */
export function learningRateAt(step: number, options: ScheduleOptions, plateau: Plateau = noPlateau): number {
  const { schedule, learningRate, steps, stepsPerEpoch, warmupEpochs } = options;
  const warmup = Math.round(warmupEpochs * stepsPerEpoch);
  if (step < warmup) return learningRate * (step + 1) / warmup;
  const since = step - warmup;
  if (schedule === "cosine") return learningRate * annealed(since / (steps - warmup));
  if (schedule === "restarts") return learningRate * annealed(periodShare(since, options));
  if (schedule === "plateau") return learningRate * options.plateauFactor ** plateau.reductions;
  return learningRate;
}

/** Falls from 1 to 0 by a cosine, as the share of a period rises from 0 to 1. */
const annealed = (share: number): number => 0.5 * (1 + Math.cos(Math.PI * share));

/**
 * Returns the share of the current period that has passed. A period has a whole number of steps, at least one, so that
 * each begins at the greatest rate exactly.
 */
function periodShare(step: number, { restartEpochs, restartFactor, stepsPerEpoch }: ScheduleOptions): number {
  const lengthOf = (period: number) => Math.max(1, Math.round(restartEpochs * stepsPerEpoch * restartFactor ** period));
  if (restartFactor === 1) return step % lengthOf(0) / lengthOf(0);
  let begin = 0, period = 0;
  while (step >= begin + lengthOf(period)) begin += lengthOf(period++);
  return (step - begin) / lengthOf(period);
}

/** Returns the state of `plateau` after another validation. */
export function afterValidation(
  { best, waited, reductions }: Plateau,
  loss: number,
  { plateauEpochs }: Pick<ScheduleOptions, "plateauEpochs">,
): Plateau {
  if (best === null || loss < best) return { best: loss, waited: 0, reductions };
  return waited < plateauEpochs
    ? { best, waited: waited + 1, reductions }
    : { best, waited: 0, reductions: reductions + 1 };
}
