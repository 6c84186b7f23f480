/**
 * `metrics.jsonl`: a line of JSON for every logged step and every epoch, numbers in full precision.
 *
 * @module
 */
import { z } from "zod";
import { appendToFile, flushFile, restoreFile, writeFileAtomic } from "../../data/files/files.ts";
import { textIfThere } from "../../data/files/read_file.ts";
import { parseLines } from "./json_file.ts";

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

/** An epoch: means over its steps, and the validation after it, if there is one. */
const EpochMetrics = z.strictObject({
  epoch: z.int().min(1),
  step: z.int().min(1),
  trainLoss: measured,
  trainAccuracy: measured,
  /** Cross-entropy without weight decay. */
  validationLoss: measured.optional(),
  validationAccuracy: measured.optional(),
  /** Mean recall of the classes that have images, and mean F1 of the classes. */
  validationBalancedAccuracy: measured.optional(),
  validationMacroF1: measured.optional(),
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

/** Warns if lines of a run's metrics are damaged. */
export const warnOfDamagedMetrics = async (path: string, log: (line: string) => void): Promise<void> =>
  warnOfDamage(path, await textIfThere(path) ?? "", log);

function warnOfDamage(path: string, text: string, log: (line: string) => void): void {
  const lines = text.split("\n");
  // A killed writer may leave the last line unfinished.
  lines.pop();
  const damaged = lines.length - parseLines(lines.join("\n"), MetricsLine).length;
  if (damaged > 0) log(`warning: ${damaged} of ${lines.length} lines of ${path} are damaged and left out`);
}

/** Receives metrics as they are logged. */
export interface MetricsSink {
  append(metrics: StepMetrics | EpochMetrics): Promise<void>;
}

export class MetricsLog implements MetricsSink {
  #copy: MetricsSink | undefined;

  private constructor(readonly path: string, readonly log: (line: string) => void) {}

  /**
   * Opens the log of a run at `position`; later lines are dropped, because the run logs them again.
   *
   * @param log receives warnings about damage
   */
  static async open(
    path: string,
    position: { step: number; validatedEpochs: number },
    log: (line: string) => void = () => {},
  ): Promise<MetricsLog> {
    const text = position.step === 0 ? "" : await textIfThere(path) ?? "";
    warnOfDamage(path, text, log);
    const kept = text.split("\n").filter((line) => isBefore(line, position));
    await writeFileAtomic(path, kept.map((line) => line + "\n").join(""));
    return new MetricsLog(path, log);
  }

  /** Copies later metrics to another log. */
  copyTo(other: MetricsSink): void {
    this.#copy = other;
  }

  async append(metrics: StepMetrics | EpochMetrics): Promise<void> {
    await this.#copy?.append(metrics);
    await this.#restore();
    await appendToFile(this.path, JSON.stringify(metrics) + "\n");
  }

  /** Returns once all metrics are on disk. */
  async flush(): Promise<void> {
    await this.#restore();
    await flushFile(this.path);
  }

  async #restore(): Promise<void> {
    if (await restoreFile(this.path)) this.log(`warning: ${this.path} was removed; the next metrics begin a new one`);
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
