/**
 * The list of runs as a table for the terminal.
 *
 * @module
 */
import { shortened } from "../../data/printable.ts";
import { durationText, percentText } from "../cli/quantity.ts";
import type { ListedRun } from "./run_list.ts";

const heads = ["run", "state", "data", "network", "steps", "test", "validation", "loss", "time", "trained", "exported"];
/** Columns of numbers, which are right-aligned. */
const NUMBERS = new Set(["steps", "test", "validation", "loss", "time"]);
/** Characters of a reason why a run cannot be read. */
const REASON_LENGTH = 200;

/** Writes a row for each run, and a line for each run that cannot be read. */
export function runListText(runs: readonly ListedRun[]): string {
  const rows = [heads, ...runs.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lines = rows.map((cells) => cells.map((cell, column) => aligned(cell, column, widths[column]!)).join("  "));
  const errors = runs.flatMap(({ run, error }) =>
    error === undefined ? [] : [`${run}: ${shortened(error, REASON_LENGTH)}`]
  );
  return [...lines.map((line) => line.trimEnd()), ...errors].join("\n");
}

const aligned = (cell: string, column: number, width: number): string =>
  NUMBERS.has(heads[column]!) ? cell.padStart(width) : cell.padEnd(width);

function cellsOf(run: ListedRun): string[] {
  const percent = (share: number | undefined) => share === undefined ? "" : percentText(share);
  const { step, steps, loss, seconds, date, exported = [] } = run;
  return [
    ...[run.run, run.state, shortened(run.dataset ?? "", 30), run.network ?? ""],
    step === undefined ? "" : `${step}${steps === undefined ? "" : `/${steps}`}`,
    ...[percent(run.accuracy), percent(run.validationAccuracy), loss === undefined ? "" : loss.toFixed(4)],
    seconds ? durationText(seconds) : "",
    date === undefined ? "" : date.slice(0, 16).replace("T", " "),
    exported.join(", "),
  ];
}
