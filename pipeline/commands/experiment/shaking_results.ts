/**
 * The results of `experiment shaking`: modes of shaking over seeds, as a table and as the points of a figure.
 *
 * @module
 */
import { markdownText } from "../../../export/markdown.ts";
import type { MeasuredRun } from "./measured_run.ts";
import { rowResult } from "./paper_tables.ts";

/** The mean and the range of a measure over seeds. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
}

export interface EpochSpread extends Spread {
  readonly epoch: number;
}

/** A mode of shaking, over its seeds. */
export interface ModeResult {
  readonly mode: string;
  /** Errors of the last checkpoints on the test split, in percent, in the order of the seeds. */
  readonly errors: readonly number[];
  readonly mean: number;
  /** Standard deviation of the errors (divided by n - 1); null with a single one. */
  readonly deviation: number | null;
  /** Error on the validated pictures, in percent. */
  readonly curve: readonly EpochSpread[];
  /** Error on the augmented and shaken training batches, in percent. */
  readonly training: readonly EpochSpread[];
  readonly branches: readonly (Spread & { readonly block: string })[];
}

/** @throws {RangeError} without numbers */
export function spreadOf(numbers: readonly number[]): Spread {
  if (numbers.length === 0) throw new RangeError("there is no spread of no numbers");
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  return { mean, least: Math.min(...numbers), greatest: Math.max(...numbers) };
}

/** @param blocks names of the network's blocks */
export function modeResult(mode: string, runs: readonly MeasuredRun[], blocks: readonly string[]): ModeResult {
  const { errors, mean, deviation } = rowResult({ name: mode, settings: {} }, runs.map(({ error }) => error));
  return {
    ...{ mode, errors, mean, deviation },
    curve: overEpochs(runs.map(({ errors }) => errors)),
    training: overEpochs(runs.map(({ trainingErrors }) => trainingErrors)),
    branches: blocks.map((block, at) => ({ block, ...spreadOf(runs.map(({ correlations }) => correlations[at]!)) })),
  };
}

/** The spread of each epoch that every run has measured. */
function overEpochs(series: readonly (readonly number[])[]): EpochSpread[] {
  return series[0]!.flatMap((_, at) => {
    const values = series.map((values) => values[at]!);
    return values.every(Number.isFinite) ? [{ epoch: at + 1, ...spreadOf(values) }] : [];
  });
}

export interface ShakingTexts {
  /** Names the network, the data set and the length of training. */
  readonly size: string;
  /** PFLOP of the training steps of a run. */
  readonly pflop: number;
  /** The pictures of the curve of errors: `test` or `validation`. */
  readonly judged: string;
}

/** The results as a table in Markdown; the difference is from the first mode. */
export function shakingTable({ size, pflop, judged }: ShakingTexts, results: readonly ModeResult[]): string {
  const heads = ["shaking", "test error %", "difference", "deviation", "seeds", "training error %", "correlation"];
  const rows = results.map(({ mode, errors, mean, deviation, training, branches }) => {
    const difference = mean - results[0]!.mean;
    return [
      ...[mode, mean.toFixed(2), `${difference >= 0 ? "+" : ""}${difference.toFixed(2)}`],
      ...[deviation === null ? "" : deviation.toFixed(2), `${errors.length}`],
      training.at(-1)?.mean.toFixed(2) ?? "",
      branches.length === 0 ? "" : spreadOf(branches.map(({ mean }) => mean)).mean.toFixed(3),
    ];
  });
  const lines = [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  const training = pflop === 0 ? "" : ` The training steps of a run are ${pflop.toPrecision(3)} PFLOP.`;
  return `# Plain and shaken training

${markdownText(size)}${training}

${lines}

- The last checkpoint of each run counts, whatever its error; no checkpoint is chosen by its error.
- The training error is that of the last epoch, on augmented batches, with the shaking of the mode.
- The correlation is the mean over the blocks of the correlation of their branches on the test images.

![The error on the ${judged} images and the training error over the epochs, and the correlation of the branches](shaking.svg)
`;
}
