/**
 * What a run has left in its folder, as far as it is there.
 *
 * @module
 */
import { z } from "zod";
import { InputError } from "../../data/files/input_error.ts";
import type { Configuration } from "../configuration/fields.ts";
import type { EpochMetrics, StepMetrics } from "../run/metrics_log.ts";
import { runPaths } from "../run/paths.ts";
import { readRunConfiguration } from "../run/run_configuration.ts";
import type { SessionBegin, SessionEnd } from "../run/session_log.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** Of an evaluation, what a report shows. */
const Evaluation = z.object({
  dataset: z.string(),
  checkpoint: z.string(),
  step: count,
  loss: z.number(),
  images: count,
  correct: count,
  accuracy: share,
  top5Accuracy: share.optional(),
  testTimeAugmentation: z.string().optional(),
  macro: z.object({ precision: share, recall: share, f1: share }),
  classes: z.array(z.object({ label: z.string(), precision: share, recall: share, f1: share, support: count })),
  confusion: z.array(z.array(count)),
  calibration: z.object({
    expectedCalibrationError: z.number(),
    bins: z.array(
      z.object({ from: share, to: share, images: count, confidence: z.number(), accuracy: share }),
    ),
  }).optional(),
  mistakes: z.array(
    z.object({ image: count, actual: count, predicted: count, confidence: z.number(), actualProbability: z.number() }),
  ).optional(),
});

const ExportedFile = z.object({
  precision: z.string().default("float32"),
  bytes: count,
  speed: z.object({ imagesPerSecond: z.number() }).loose().optional(),
  maxAbsoluteDifference: z.number(),
  top1Agreement: share,
  passed: z.boolean(),
});

/** Of a parity check, what a report shows. */
const Parity = ExportedFile.extend({
  images: count,
  opset: count,
  input: z.string().optional(),
  tolerance: z.number(),
  test: z.object({ images: count, accuracy: share }),
  /** Models of lower precision, against the first one. */
  reduced: z.record(z.string(), ExportedFile.extend({ accuracy: share })).default({}),
});

const Correlations = z.array(z.object({
  run: z.string(),
  network: z.string(),
  shake: z.string(),
  dataset: z.string(),
  images: count,
  blocks: z.array(z.object({ block: z.string(), correlation: z.number() })),
}));

/** A stretch of training without a break; one that is not over, or ended by a crash, has no end. */
export interface Session {
  readonly begin: SessionBegin;
  readonly end?: SessionEnd;
}

export interface RunData {
  readonly name: string;
  readonly configuration: Configuration;
  readonly steps: readonly StepMetrics[];
  readonly epochs: readonly EpochMetrics[];
  readonly sessions: readonly Session[];
  readonly evaluation: z.output<typeof Evaluation> | undefined;
  readonly parity: z.output<typeof Parity> | undefined;
  readonly correlations: z.output<typeof Correlations> | undefined;
}

/** The files that {@linkcode readRun} reads of a run. */
export function runFiles(run: Pick<Configuration, "runs" | "run">): string[] {
  const { configuration, metrics, sessions, evaluation, parity, branchCorrelation } = runPaths(run);
  return [configuration, metrics, sessions, evaluation, parity, branchCorrelation];
}

/**
 * @param cache where the data sets are, which is not of the run
 * @throws {InputError} if there is no such run, or a file of it is damaged
 */
export async function readRun(options: Pick<Configuration, "runs" | "run" | "cache">): Promise<RunData> {
  const paths = runPaths(options);
  const configuration = { ...await readRunConfiguration(options), cache: options.cache };
  const metrics = await readLines<StepMetrics | EpochMetrics>(paths.metrics);
  return {
    name: options.run,
    configuration,
    steps: metrics.filter((line): line is StepMetrics => !("epoch" in line)),
    epochs: metrics.filter((line): line is EpochMetrics => "epoch" in line),
    sessions: sessionsOf(await readLines<SessionBegin | SessionEnd>(paths.sessions)),
    evaluation: await readJson(paths.evaluation, Evaluation, "evaluate"),
    parity: await readJson(paths.parity, Parity, "export"),
    correlations: await readJson(paths.branchCorrelation, Correlations, "correlate"),
  };
}

function sessionsOf(events: readonly (SessionBegin | SessionEnd)[]): Session[] {
  return events.flatMap((begin, at) => {
    if (begin.event === "end") return [];
    const end = events[at + 1];
    return [{ begin, ...(end?.event === "end" && { end }) }];
  });
}

/** The text of a file, or undefined if there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Records, a line each; a line that is being written, or was cut off, is left out. */
async function readLines<T>(path: string): Promise<T[]> {
  const lines = (await readText(path) ?? "").split("\n");
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as T];
    } catch {
      return [];
    }
  });
}

/** @param command what writes the file */
async function readJson<T>(path: string, schema: z.ZodType<T>, command: string): Promise<T | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new InputError(`${path} is not as \`deno task ${command}\` writes it; run that again, or remove the file`);
  }
}
