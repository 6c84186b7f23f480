/**
 * A sweep of learning rates: trains with a rate that grows exponentially, and proposes one from the losses (Smith 2017,
 * "Cyclical learning rates for training neural networks", section 3.3).
 *
 * @module
 */
import { trainingBatches } from "../../data/batches.ts";
import { batchOptionsOf } from "./batch_options.ts";
import type { TrainingConfiguration } from "./run_fields.ts";
import { firstState } from "./starting_point.ts";
import { StepRunner } from "./step_runner.ts";
import { stepPlan } from "./step_numbers.ts";
import type { TrainingSetup } from "./training_setup.ts";

/** A step of a sweep. */
export interface SweepPoint {
  readonly rate: number;
  /** Cross-entropy and weight decay of the step's batch, before the update. */
  readonly loss: number;
  /** The exponential average of the losses, without its bias to 0. */
  readonly smoothed: number;
}

export interface SweepOptions {
  readonly lowest: number;
  readonly highest: number;
  readonly steps: number;
  readonly signal: AbortSignal;
  readonly onStep?: (step: number) => void;
}

/** The rate of a step of a sweep: `lowest` at the first, `highest` at the last, by a constant factor. */
export const rateAt = (step: number, { lowest, highest, steps }: Omit<SweepOptions, "signal">): number =>
  lowest * (highest / lowest) ** (step / Math.max(1, steps - 1));

/** A loss of so many times the least one ends a sweep. */
const TOO_MUCH = 4;
/** Share of the smoothed loss that a step keeps. */
const KEPT = 0.9;

/** Trains a new network step by step, until the rate is the highest or the loss explodes. */
export async function sweepRates(
  configuration: TrainingConfiguration,
  setup: TrainingSetup,
  { signal, onStep, ...options }: SweepOptions,
): Promise<SweepPoint[]> {
  const { dataset, net, stepsPerEpoch } = setup;
  const state = await firstState(configuration, net, dataset);
  const plan = stepPlan(configuration, dataset, stepsPerEpoch);
  const batchAt = trainingBatches(dataset, batchOptionsOf(configuration));
  await using runner = await StepRunner.create(configuration, setup, state, plan.at(0).imageShape);
  const losses: number[] = [];
  for (let step = 0; step < options.steps; step++) {
    signal.throwIfAborted();
    const rate = rateAt(step, options);
    // The images of `--sizes` grow with the epochs, which a sweep passes too.
    const { imageShape } = plan.at(step);
    const { loss } = await runner.run(step, batchAt(step), { ...plan.at(0), imageShape, learningRate: rate });
    losses.push(loss);
    onStep?.(step + 1);
    if (hasExploded(losses)) break;
  }
  return points(losses.filter(Number.isFinite), (step) => rateAt(step, options));
}

function hasExploded(losses: readonly number[]): boolean {
  if (!Number.isFinite(losses.at(-1))) return true;
  const smoothed = smooth(losses);
  return smoothed.at(-1)! > TOO_MUCH * Math.min(...smoothed);
}

const points = (losses: readonly number[], rateOf: (step: number) => number): SweepPoint[] => {
  const smoothed = smooth(losses);
  return losses.map((loss, step) => ({ rate: rateOf(step), loss, smoothed: smoothed[step]! }));
};

/** Exponential averages, divided by the sum of their weights. */
export function smooth(losses: readonly number[]): number[] {
  let average = 0;
  return losses.map((loss, step) => {
    average = KEPT * average + (1 - KEPT) * loss;
    return average / (1 - KEPT ** (step + 1));
  });
}

/** Share of the whole fall of the smoothed loss that the proposed rate has reached. */
const FALLEN = 0.95;
/** First part of a sweep whose averages are of too few losses. */
const UNSETTLED = 0.1;
/** A run trains thousands of steps at a rate that a sweep tries for a few, so it needs a distance from the explosion. */
const FROM_EXPLOSION = 1 / 10;

/**
 * Proposes a learning rate: the lowest one at which the smoothed loss has almost ended its fall, and at most a tenth of the rate
 * at which it is higher than before the fall. A network with batch norm may bear much higher rates without diverging, but learns
 * no faster with them.
 *
 * @param steps that the sweep would have without an explosion
 * @returns undefined if the loss never fell
 */
export function proposedRate(sweep: readonly SweepPoint[], steps = sweep.length): number | undefined {
  const settled = sweep.slice(Math.floor(UNSETTLED * sweep.length));
  const losses = settled.map(({ smoothed }) => smoothed), least = Math.min(...losses), end = losses.indexOf(least);
  if (end <= 0) return undefined;
  const greatest = Math.max(...losses.slice(0, end));
  const fallen = settled.find(({ smoothed }) => smoothed <= greatest - FALLEN * (greatest - least))!;
  const above = settled.slice(end).find(({ smoothed }) => smoothed > greatest);
  // Losses that are no numbers are left out of a sweep.
  const exploded = above ?? (sweep.length < steps ? sweep.at(-1) : undefined);
  return Number(Math.min(fallen.rate, FROM_EXPLOSION * (exploded?.rate ?? Infinity)).toPrecision(2));
}
