/**
 * Rows of CSV (RFC 4180) that a spreadsheet can open without harm: a text that it would compute as a formula begins with an
 * apostrophe instead (OWASP, "CSV injection"). Names of files and classes are data of others.
 *
 * @module
 */

/** First signs with which a spreadsheet begins a formula. */
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** Writes a row, without its end of line. Numbers stay as they are. */
export const csvRow = (cells: readonly (string | number)[]): string => cells.map(cellText).join(",");

function cellText(cell: string | number): string {
  if (typeof cell === "number") return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
