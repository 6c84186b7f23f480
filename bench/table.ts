/**
 * The table that the benches print.
 *
 * @module
 */
import type { Figures } from "./commands.ts";
import { bestOf } from "./peers.ts";

/** Compares a figure with the best one of the peers: the greatest, or of memory the least. */
export function compareBest(
  what: string,
  figure: string,
  own: Readonly<Record<string, number | undefined>>,
  peers: Readonly<Record<string, Figures>>,
  bar = "",
  stretch = "",
): void {
  const best = bestOf(peers, figure);
  compare(what, own[figure], best?.figure, best?.name, bar, stretch);
}

/** Prints a figure of ours beside another's. */
export function compare(
  what: string,
  own: number | undefined,
  theirs?: number,
  other = "",
  bar = "",
  stretch = "",
): void {
  const ratio = own === undefined || theirs === undefined ? "" : (own / theirs).toFixed(2);
  row(what, format(own), format(theirs), ratio, bar, stretch, theirs === undefined ? "" : other);
}

export function format(number: number | undefined): string {
  if (number === undefined) return "";
  if (number < 10) return number.toFixed(2);
  return number.toFixed(number < 1000 ? 1 : 0);
}

export function row(...cells: string[]): void {
  console.log(`| ${cells.join(" | ")} |`);
}
