/**
 * metrics.jsonl: a line of JSON for every logged step and for every epoch, numbers in full precision.
 *
 * @module
 */
import { appendToFile, flushFile, notRead, writeFileAtomic } from "../../data/files/files.ts";

/** A logged step. */
export interface StepMetrics {
  readonly step: number;
  /** Cross-entropy and weight decay, before the step's update. */
  readonly loss: number;
  /** Of the step's batch. */
  readonly accuracy: number;
  readonly learningRate: number;
}

/** An epoch: means over its steps, and the validation after it. */
export interface EpochMetrics {
  readonly epoch: number;
  readonly step: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  /** Cross-entropy alone. */
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

/** Takes what is logged. */
export interface MetricsSink {
  append(metrics: StepMetrics | EpochMetrics): Promise<void>;
}

export class MetricsLog implements MetricsSink {
  #copy: MetricsSink | undefined;

  private constructor(readonly path: string) {}

  /** Opens the log of a run that stands at `position`; what was logged after it will be logged again. */
  static async open(path: string, position: { step: number; validatedEpochs: number }): Promise<MetricsLog> {
    const text = position.step === 0 ? "" : await textOf(path);
    const kept = text.split("\n").filter((line) => line !== "" && !isAfter(line, position));
    await writeFileAtomic(path, kept.map((line) => line + "\n").join(""));
    return new MetricsLog(path);
  }

  /** Hands what is logged from here on to another log too. */
  copyTo(other: MetricsSink): void {
    this.#copy = other;
  }

  async append(metrics: StepMetrics | EpochMetrics): Promise<void> {
    await this.#copy?.append(metrics);
    await appendToFile(this.path, JSON.stringify(metrics) + "\n");
  }

  /** Sees to it that what was logged is on disk. */
  async flush(): Promise<void> {
    await flushFile(this.path);
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw notRead(path, error);
  }
}

/** Where metrics go. */
export type Metrics = Pick<MetricsLog, "append" | "flush">;

/** For processes that write nothing. */
export const unlogged: Metrics = { append: () => Promise.resolve(), flush: () => Promise.resolve() };

/** Also true of a line that was cut off. */
function isAfter(line: string, { step, validatedEpochs }: { step: number; validatedEpochs: number }): boolean {
  try {
    const metrics = JSON.parse(line) as Partial<StepMetrics & EpochMetrics>;
    return metrics.epoch === undefined ? !(metrics.step! <= step) : !(metrics.epoch <= validatedEpochs);
  } catch {
    return true;
  }
}
