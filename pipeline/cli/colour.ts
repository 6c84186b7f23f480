/**
 * Colours of log lines: on a terminal, unless NO_COLOR is set.
 *
 * @module
 */
import { styleText } from "node:util";
import { onOneLine } from "../configuration/printable.ts";

type Format = "red" | "yellow" | "green" | "dim";

/** Marks at the start or the end of a log line, with their colours. */
const marks: readonly (readonly [RegExp, Format])[] = [
  [/^error:/, "red"],
  [/^warning:/, "yellow"],
  [/the best$/, "green"],
  [/up to date$/, "dim"],
];

/**
 * A log line with its mark in colour; its own control characters and line breaks are escaped.
 *
 * @param colours default: whether standard error is a terminal and NO_COLOR is not set
 */
export function coloured(line: string, colours: boolean = !Deno.noColor && Deno.stderr.isTerminal()): string {
  const plain = onOneLine(line);
  if (!colours) return plain;
  return marks.reduce(
    // The stream's own check would read the environment, which not every command may.
    (text, [mark, format]) => text.replace(mark, (found) => styleText(format, found, { validateStream: false })),
    plain,
  );
}
