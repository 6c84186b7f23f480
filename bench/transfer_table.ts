/**
 * The measured cells of the comparison of transfer with training from scratch, as a table.
 *
 * @module
 */
import { z } from "zod";
import { type Arm, arms, isArm, type Size } from "./transfer_cells.ts";

/** A measured cell, as the file of results has it. */
export const Measured = z.object({
  arm: z.string().refine(isArm),
  ...{ pictures: z.int(), epochs: z.int(), seed: z.int() },
  /** Training pictures of all classes. */
  trained: z.int(),
  /** The accuracy on the test pictures, 0 to 1. */
  accuracy: z.number(),
  /** The time of preparing, training and measuring. */
  processorSeconds: z.number(),
});
export type Measured = z.output<typeof Measured>;

/** Mean, least and greatest. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
}

export const spreadOf = (values: readonly number[]): Spread => ({
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  least: Math.min(...values),
  greatest: Math.max(...values),
});

/** @param sizes the rows, in their order */
export function transferTable(
  cells: readonly Measured[],
  sizes: readonly Size[],
  columns: readonly Arm[],
  classes: number,
): string {
  const heads = ["training pictures a class", "epochs", ...columns.map((arm) => arms[arm].title)];
  const rows = sizes.map((size) => {
    const ofSize = cells.filter(({ pictures, epochs }) => pictures === size.pictures && epochs === size.epochs);
    const ofArm = (arm: Arm) => ofSize.filter((cell) => cell.arm === arm).map(({ accuracy }) => 100 * accuracy);
    return [
      countText(size, ofSize[0]?.trained, classes),
      String(size.epochs),
      ...columns.map((arm) => spreadText(ofArm(arm))),
    ];
  });
  return [heads, heads.map((_, at) => at === 0 ? "---" : "---:"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** A class with fewer pictures gives all it has. */
function countText({ pictures }: Size, trained: number | undefined, classes: number): string {
  if (trained === undefined || trained === pictures * classes) return String(pictures);
  return `${pictures}, or all (mean ${Math.round(trained / classes)})`;
}

function spreadText(percents: readonly number[]): string {
  if (percents.length === 0) return "";
  const { mean, least, greatest } = spreadOf(percents);
  const digits = (percent: number) => percent.toFixed(1);
  return percents.length === 1 ? `${digits(mean)} %` : `${digits(mean)} % (${digits(least)} to ${digits(greatest)})`;
}
