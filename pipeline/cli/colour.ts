/**
 * Colours where they help: on a terminal, unless NO_COLOR is set.
 *
 * @module
 */
import { styleText } from "node:util";

type Format = "red" | "yellow" | "green" | "dim";

/** What a line of a log begins or ends with, and how it is set off there. */
const marks: readonly (readonly [RegExp, Format])[] = [
  [/^error:/, "red"],
  [/^warning:/, "yellow"],
  [/the best$/, "green"],
  [/up to date$/, "dim"],
];

/**
 * A line of the log with its mark in colour.
 *
 * @param colours default: whether standard error is a terminal and NO_COLOR is not set
 */
export function coloured(line: string, colours: boolean = !Deno.noColor && Deno.stderr.isTerminal()): string {
  if (!colours) return line;
  return marks.reduce(
    // The stream's own check would read the environment, which not every command may.
    (text, [mark, format]) => text.replace(mark, (found) => styleText(format, found, { validateStream: false })),
    line,
  );
}
