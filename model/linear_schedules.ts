/**
 * Schedules of straight lines: the learning rate as a share of the greatest, by the share of the run that has passed.
 *
 * @module
 */
import { piecewiseLinear } from "./piecewise_linear.ts";

/** From 1 to 0 (Li, Yumer & Ramanan 2020, "Budgeted training", find it the best of schedules for a given number of steps). */
export const linearFall = (share: number): number => 1 - share;

export interface OneCycleOptions {
  /** The rate at the beginning, a share of the greatest. */
  readonly begin: number;
  /** The share of the run at which the rate is greatest, 0 to 1. */
  readonly peakAt: number;
  /** The rate at the end, a share of the greatest. */
  readonly end: number;
}

/** airbench's: from a fifth up to the greatest after 23 % of the run, then down to 7 % of it (Jordan 2024, listing 4). */
export const airbenchCycle: OneCycleOptions = { begin: 0.2, peakAt: 0.23, end: 0.07 };

/** Up, then down (Smith & Topin 2018, "Super-convergence", section 3; straight on both sides, as in airbench). */
export const oneCycle = (share: number, { begin, peakAt, end }: OneCycleOptions): number =>
  piecewiseLinear([[0, begin], [peakAt, 1], [1, end]], share);
