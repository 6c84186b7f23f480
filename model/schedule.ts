/**
 * Learning rates by step.
 *
 * - `cosine`: annealed to 0 over the whole run, the paper's (Loshchilov & Hutter 2017, "SGDR", equation 5 with one period).
 * - `restarts`: the same in periods of T_0, T_0 T_mult, T_0 T_mult^2, ... epochs, each from the initial rate (equation 5)
 *   and of a whole number of steps.
 * - `plateau`: multiplied by a factor when the validation loss has not fallen for more than some epochs, as PyTorch's
 *   ReduceLROnPlateau does with `threshold=0`.
 * - `linear`: from the initial rate to 0 in a straight line.
 * - `one-cycle`: up to the initial rate in a straight line, then down in another (`linear_schedules.ts`).
 * - `constant`.
 *
 * A warm-up may precede any schedule and rises linearly to the initial rate (Goyal et al. 2017, section 2.2).
 *
 * @module
 */

import { linearFall, oneCycle } from "./linear_schedules.ts";

export const scheduleNames = ["cosine", "restarts", "plateau", "linear", "one-cycle", "constant"] as const;
export type ScheduleName = typeof scheduleNames[number];

export interface ScheduleOptions {
  readonly schedule: ScheduleName;
  /** The greatest rate, which all but `one-cycle` begin with. */
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
  /** The rate of the first step of `one-cycle`, a share of the greatest. */
  readonly cycleBegin: number;
  /** The share of the run at which the rate of `one-cycle` is greatest, 0 to 1. */
  readonly cyclePeak: number;
  /** The rate at the end of `one-cycle`, a share of the greatest. */
  readonly cycleEnd: number;
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
  return learningRate * shares[schedule]({ since, share: since / (steps - warmup), plateau }, options);
}

/** A place after the warm-up. */
interface Place {
  /** Steps since the warm-up. */
  readonly since: number;
  /** The share of the steps after the warm-up that has passed. */
  readonly share: number;
  readonly plateau: Plateau;
}

/** The rate at a place, a share of the greatest. */
const shares: Readonly<Record<ScheduleName, (at: Place, options: ScheduleOptions) => number>> = {
  "cosine": ({ share }) => annealed(share),
  "restarts": ({ since }, options) => annealed(periodShare(since, options)),
  "plateau": ({ plateau }, { plateauFactor }) => plateauFactor ** plateau.reductions,
  "linear": ({ share }) => linearFall(share),
  "one-cycle": ({ share }, { cycleBegin: begin, cyclePeak: peakAt, cycleEnd: end }) =>
    oneCycle(share, { begin, peakAt, end }),
  "constant": () => 1,
};

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
