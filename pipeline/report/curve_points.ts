/**
 * What a run's metrics are over time, thinned to what a figure can show.
 *
 * @module
 */
import type { RunData } from "./read_run.ts";

export interface Point {
  readonly run: string;
  readonly split: "training" | "validation";
  /** Epochs, or steps. */
  readonly at: number;
  readonly value: number;
}

export interface Curves {
  /** What `at` counts. */
  readonly unit: "epoch" | "step";
  readonly loss: readonly Point[];
  readonly accuracy: readonly Point[];
  readonly learningRate: readonly Point[];
}

/** Points of a curve; more cannot be told apart. */
const POINTS = 300;

/** Over epochs, if it is known of all runs how many steps have one. */
export function curvesOf(runs: readonly RunData[]): Curves {
  const lengths = runs.map(stepsPerEpoch);
  const unit = lengths.every((length) => length !== undefined) ? "epoch" : "step";
  const curves = runs.map((run, at) => curvesOfRun(run, unit === "epoch" ? lengths[at]! : 1));
  return {
    unit,
    loss: curves.flatMap(({ loss }) => loss),
    accuracy: curves.flatMap(({ accuracy }) => accuracy),
    learningRate: curves.flatMap(({ learningRate }) => learningRate),
  };
}

/** @param length steps of what the axis counts */
function curvesOfRun({ name, steps, epochs }: RunData, length: number): Omit<Curves, "unit"> {
  // Means over epochs are calmer than steps, as soon as they make a curve.
  const training = epochs.length > 1
    ? epochs.map(({ step, trainLoss, trainAccuracy }) => ({ step, loss: trainLoss, accuracy: trainAccuracy }))
    : steps;
  const curve = <T extends { readonly step: number }>(
    split: Point["split"],
    lines: readonly T[],
    value: (line: T) => number,
  ): Point[] =>
    thinned(lines.map((line) => ({ at: line.step / length, value: value(line) }))).map((point) => ({
      ...{ run: name, split },
      ...point,
    }));
  return {
    loss: [
      ...curve("training", training, ({ loss }) => loss),
      ...curve("validation", epochs, ({ validationLoss }) => validationLoss),
    ],
    accuracy: [
      ...curve("training", training, ({ accuracy }) => accuracy),
      ...curve("validation", epochs, ({ validationAccuracy }) => validationAccuracy),
    ],
    learningRate: curve("training", steps, ({ learningRate }) => learningRate),
  };
}

/** Steps of an epoch, if the run says so. */
export function stepsPerEpoch({ sessions, epochs: [epoch] }: RunData): number | undefined {
  return sessions.at(-1)?.begin.stepsPerEpoch ?? (epoch && epoch.step / epoch.epoch);
}

type Sample = { readonly at: number; readonly value: number };

/** At most `POINTS` samples, each the mean of those around it. */
export function thinned(samples: readonly Sample[], points = POINTS): Sample[] {
  const each = Math.ceil(samples.length / points);
  if (each <= 1) return [...samples];
  return Array.from({ length: Math.ceil(samples.length / each) }, (_, index) => {
    const group = samples.slice(index * each, (index + 1) * each);
    const mean = (of: (sample: Sample) => number) => group.reduce((sum, sample) => sum + of(sample), 0) / group.length;
    return { at: mean(({ at }) => at), value: mean(({ value }) => value) };
  });
}
