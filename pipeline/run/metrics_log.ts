/**
 * `metrics.jsonl`: a line of JSON for every logged step and every epoch, numbers in full precision.
 *
 * @module
 */
import { z } from "zod";
import { appendToFile, flushFile, writeFileAtomic } from "../../data/files/files.ts";
import { parseLines, textIfThere } from "./json_file.ts";

const count = z.int().min(0);
/** A mean over no steps is NaN, which JSON writes as null. */
const measured = z.number().nullable().transform((value) => value ?? NaN);

/** A logged step. */
const StepMetrics = z.strictObject({
  step: count,
  /** Cross-entropy and weight decay, before the step's update. */
  loss: measured,
  /** Accuracy on the step's batch. */
  accuracy: measured,
  learningRate: z.number(),
});

/** An epoch: means over its steps, and the validation after it. */
const EpochMetrics = z.strictObject({
  epoch: count,
  step: count,
  trainLoss: measured,
  trainAccuracy: measured,
  /** Cross-entropy without weight decay. */
  validationLoss: measured,
  validationAccuracy: measured,
});

const MetricsLine = z.union([StepMetrics, EpochMetrics]);

export type StepMetrics = Readonly<z.output<typeof StepMetrics>>;
export type EpochMetrics = Readonly<z.output<typeof EpochMetrics>>;

export interface RunMetrics {
  readonly steps: readonly StepMetrics[];
  readonly epochs: readonly EpochMetrics[];
}

/** The metrics of a run; a line that is cut off or damaged is left out, a missing file has none. */
export async function readMetrics(path: string): Promise<RunMetrics> {
  const lines = parseLines(await textIfThere(path) ?? "", MetricsLine);
  return {
    steps: lines.filter((line) => "loss" in line),
    epochs: lines.filter((line) => "epoch" in line),
  };
}

/** Receives metrics as they are logged. */
export interface MetricsSink {
  append(metrics: StepMetrics | EpochMetrics): Promise<void>;
}

export class MetricsLog implements MetricsSink {
  #copy: MetricsSink | undefined;

  private constructor(readonly path: string) {}

  /** Opens the log of a run at `position`; later lines are dropped, because the run logs them again. */
  static async open(path: string, position: { step: number; validatedEpochs: number }): Promise<MetricsLog> {
    const text = position.step === 0 ? "" : await textIfThere(path) ?? "";
    const kept = text.split("\n").filter((line) => isBefore(line, position));
    await writeFileAtomic(path, kept.map((line) => line + "\n").join(""));
    return new MetricsLog(path);
  }

  /** Copies later metrics to another log. */
  copyTo(other: MetricsSink): void {
    this.#copy = other;
  }

  async append(metrics: StepMetrics | EpochMetrics): Promise<void> {
    await this.#copy?.append(metrics);
    await appendToFile(this.path, JSON.stringify(metrics) + "\n");
  }

  /** Returns once all metrics are on disk. */
  async flush(): Promise<void> {
    await flushFile(this.path);
  }
}

/** A destination of metrics. */
export type Metrics = Pick<MetricsLog, "append" | "flush">;

/** The log of processes that write nothing. */
export const unlogged: Metrics = { append: () => Promise.resolve(), flush: () => Promise.resolve() };

/** Whole lines of steps and epochs up to a position. */
function isBefore(line: string, { step, validatedEpochs }: { step: number; validatedEpochs: number }): boolean {
  const [metrics] = parseLines(line, MetricsLine);
  if (!metrics) return false;
  return "epoch" in metrics ? metrics.epoch <= validatedEpochs : metrics.step <= step;
}
