/**
 * The grids of runs of the paper's tables. Their errors are the paper's, in percent: ShakeNet-26 2x32d on CIFAR-10 after
 * 1,800 epochs (Gastaldi 2017).
 *
 * @module
 */
import { markdownText } from "../../../export/markdown.ts";
import type { ShakeModeName } from "../../../model/shake_factors.ts";
import type { Configuration } from "../../configuration/fields.ts";

export const experimentNames = ["table1", "table4", "ablation"] as const;
export type ExperimentName = typeof experimentNames[number];

export interface ExperimentRow {
  /** Name of its runs, before the seed. */
  readonly name: string;
  readonly settings: Partial<Configuration>;
  /** The paper's error in percent, where it has one. */
  readonly paper?: number;
}

export interface Experiment {
  readonly title: string;
  readonly rows: readonly ExperimentRow[];
}

const ofMode = (shake: ShakeModeName, paper?: number): ExperimentRow => ({
  name: shake,
  settings: { shake },
  ...(paper !== undefined && { paper }),
});

/** Two rows, without and with shaking, for a network that lacks some parts. */
const ablated = (name: string, settings: Partial<Configuration>): ExperimentRow[] =>
  (["even-even-batch", "shake-shake-image"] as const).map((shake) => ({
    name: `${name}-${shake}`,
    settings: { ...settings, shake },
  }));

export const experiments: Readonly<Record<ExperimentName, Experiment>> = {
  table1: {
    title: "Forward, backward and level (Gastaldi 2017, table 1)",
    rows: [
      ofMode("even-even-batch", 4.27),
      ofMode("even-shake-batch", 4.44),
      ofMode("shake-keep-batch", 4.11),
      ofMode("shake-even-batch", 3.47),
      ofMode("shake-shake-batch", 3.67),
      ofMode("even-shake-image", 4.11),
      ofMode("shake-keep-image", 4.09),
      ofMode("shake-even-image", 3.47),
      ofMode("shake-shake-image", 3.55),
    ],
  },
  table4: {
    title:
      "Beta given alpha (Gastaldi 2017, table 4; the paper draws the training curves of m1 to m5 and gives no errors)",
    rows: [
      ofMode("shake-keep-image", 4.09),
      ofMode("shake-even-image", 3.47),
      ofMode("shake-shake-image", 3.55),
      ofMode("shake-m1-image"),
      ofMode("shake-m2-image"),
      ofMode("shake-m3-image"),
      ofMode("shake-m4-image"),
      ofMode("shake-m5-image"),
    ],
  },
  ablation: {
    title:
      "Without skip connections and without batch norm (Gastaldi 2017, section 4, whose networks have other sizes)",
    rows: [
      ...ablated("full", {}),
      ...ablated("no-skip", { skip: false }),
      ...ablated("no-batch-norm", { batchNorm: false }),
      ...ablated("neither", { skip: false, batchNorm: false }),
    ],
  },
};

/** A row's error over its seeds, in percent. */
export interface RowResult {
  readonly name: string;
  /** In the order of the seeds. */
  readonly errors: readonly number[];
  readonly mean: number;
  /** Standard deviation of the errors (divided by n - 1); null with a single one. */
  readonly deviation: number | null;
  readonly paper: number | null;
}

export function rowResult({ name, paper }: ExperimentRow, errors: readonly number[]): RowResult {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const squares = errors.reduce((sum, error) => sum + (error - mean) ** 2, 0);
  return {
    name,
    errors,
    mean,
    deviation: errors.length > 1 ? Math.sqrt(squares / (errors.length - 1)) : null,
    paper: paper ?? null,
  };
}

/** The results as a table in Markdown. */
export function experimentTable(title: string, size: string, results: readonly RowResult[]): string {
  const rows = results.map(({ name, errors, mean, deviation, paper }) => [
    name,
    mean.toFixed(2),
    deviation === null ? "" : deviation.toFixed(2),
    `${errors.length}`,
    paper === null ? "" : paper.toFixed(2),
  ]);
  const lines = [
    ["run", "error %", "deviation", "seeds", "error % in the paper (26 2x32d, 1,800 epochs)"],
    ["---", "---", "---", "---", "---"],
    ...rows,
  ];
  return `# ${title}\n\n${markdownText(size)}\n\n${lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}
