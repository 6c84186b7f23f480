/**
 * The points of learning curves: a run's metrics over time, thinned to a figure's resolution.
 *
 * @module
 */
import type { RunData } from "./read_run.ts";

export interface Point {
  /** Index of the run. */
  readonly run: number;
  readonly split: "training" | "validation";
  /** Epochs, or steps. */
  readonly at: number;
  readonly value: number;
}

export interface Curves {
  /** The unit of `at`. */
  readonly unit: "epoch" | "step";
  readonly loss: readonly Point[];
  readonly accuracy: readonly Point[];
  readonly learningRate: readonly Point[];
}

/** Greatest number of points of a curve; a reader cannot tell more apart. */
const POINTS = 300;

/** Returns curves over epochs if the steps of an epoch are known of every run, else over steps. */
export function curvesOf(runs: readonly RunData[]): Curves {
  const lengths = runs.map(stepsPerEpoch);
  const unit = lengths.every((length) => length !== undefined) ? "epoch" : "step";
  const curves = runs.map((run, at) => curvesOfRun(run, at, unit === "epoch" ? lengths[at]! : 1));
  return {
    unit,
    loss: curves.flatMap(({ loss }) => loss),
    accuracy: curves.flatMap(({ accuracy }) => accuracy),
    learningRate: curves.flatMap(({ learningRate }) => learningRate),
  };
}

/**
 * @param run its index
 * @param length steps of a unit of the axis
 */
function curvesOfRun({ steps, epochs }: RunData, run: number, length: number): Omit<Curves, "unit"> {
  // Means over epochs are smoother than steps; two make a curve.
  const training = epochs.length > 1
    ? epochs.map(({ step, trainLoss, trainAccuracy }) => ({ step, loss: trainLoss, accuracy: trainAccuracy }))
    : steps;
  const curve = <T extends { readonly step: number }>(
    split: Point["split"],
    lines: readonly T[],
    value: (line: T) => number,
  ): Point[] =>
    thinned(lines.map((line) => ({ at: line.step / length, value: value(line) }))).map((point) => ({
      ...{ run, split },
      ...point,
    }));
  const validated = epochs.filter(({ validationLoss }) => validationLoss !== undefined);
  return {
    loss: [
      ...curve("training", training, ({ loss }) => loss),
      ...curve("validation", validated, ({ validationLoss }) => validationLoss!),
    ],
    accuracy: [
      ...curve("training", training, ({ accuracy }) => accuracy),
      ...curve("validation", validated, ({ validationAccuracy }) => validationAccuracy!),
    ],
    learningRate: curve("training", steps, ({ learningRate }) => learningRate),
  };
}

/** Returns the steps of an epoch, if the run's files tell. */
export function stepsPerEpoch({ sessions, epochs: [epoch] }: RunData): number | undefined {
  return sessions.at(-1)?.begin.stepsPerEpoch ?? (epoch && epoch.step / epoch.epoch);
}

type Sample = { readonly at: number; readonly value: number };

/** Thins samples to at most `points`, each the mean of its neighbours. */
export function thinned(samples: readonly Sample[], points = POINTS): Sample[] {
  const each = Math.ceil(samples.length / points);
  if (each <= 1) return [...samples];
  return Array.from({ length: Math.ceil(samples.length / each) }, (_, index) => {
    const group = samples.slice(index * each, (index + 1) * each);
    const mean = (of: (sample: Sample) => number) => group.reduce((sum, sample) => sum + of(sample), 0) / group.length;
    return { at: mean(({ at }) => at), value: mean(({ value }) => value) };
  });
}
