/**
 * Averages of weights: how much of the average a step keeps, and how far it pulls the weights back to the average.
 *
 * - `ema`: exponential, keep = decay (Polyak & Juditsky 1992). With a warm-up keep is at most (1 + t) / (10 + t) at step t, as
 *   TensorFlow's ExponentialMovingAverage(num_updates) has it, so that the first weights are soon forgotten.
 * - `swa`: the equal mean of the weights at the end of every so many steps of the last part of a run (Izmailov, Podoprikhin,
 *   Garipov, Vetrov & Wilson 2018, "Averaging weights leads to wider optima", algorithm 1). Before that part the average is
 *   the weights themselves.
 * - `lookahead`: every five steps the run continues from an average that keeps 0.95^5 (t / T)^3 of itself, and ends with it
 *   (Zhang, Lucas, Hinton & Ba 2019; the schedule is airbench's, Jordan 2024, section 3.4).
 *
 * @module
 */

export const averagingNames = ["none", "ema", "swa", "lookahead"] as const;
export type AveragingName = typeof averagingNames[number];

export interface AveragingOptions {
  readonly averaging: AveragingName;
  /** Steps of the run. */
  readonly steps: number;
  /** The share that `ema` keeps, from 0 to below 1. */
  readonly averageDecay: number;
  /** True if `ema` warms up. */
  readonly averageWarmup: boolean;
  /** The share of the run after which `swa` begins, 0 to below 1. */
  readonly averageFrom: number;
  /** Steps from one set of weights that `swa` averages to the next. */
  readonly averageEvery: number;
}

/** Both are 0 to 1. With a keep of 1 the average stays, with a pull of 0 the weights stay. Only `lookahead` pulls. */
export interface Averaging {
  readonly keep: number;
  readonly pull: number;
}

const unchanged: Averaging = { keep: 1, pull: 0 };
const followed: Averaging = { keep: 0, pull: 0 };

const LOOKAHEAD_STEPS = 5;
/** The share that lookahead keeps at the end of a run. */
const LOOKAHEAD_KEEP = 0.95 ** LOOKAHEAD_STEPS;

const rules: Readonly<Record<AveragingName, (step: number, options: AveragingOptions) => Averaging>> = {
  none: () => unchanged,
  ema: (step, { averageDecay, averageWarmup }) => ({
    keep: averageWarmup ? Math.min(averageDecay, (1 + step) / (10 + step)) : averageDecay,
    pull: 0,
  }),
  swa(step, { steps, averageFrom, averageEvery }) {
    const since = step + 1 - Math.ceil(averageFrom * steps);
    if (since < averageEvery) return followed;
    if (since % averageEvery !== 0) return unchanged;
    const averaged = since / averageEvery - 1;
    return { keep: averaged / (averaged + 1), pull: 0 };
  },
  lookahead(step, { steps }) {
    const done = step + 1;
    if (done % LOOKAHEAD_STEPS === 0) return { keep: LOOKAHEAD_KEEP * (done / steps) ** 3, pull: 1 };
    return done === steps ? { keep: 1, pull: 1 } : unchanged;
  },
};

/**
 * The numbers of a step, which act after its update.
 *
 * @param step 0 to `steps - 1`
 */
export const averagingAt = (step: number, options: AveragingOptions): Averaging =>
  rules[options.averaging](step, options);
