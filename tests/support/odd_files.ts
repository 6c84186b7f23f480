/** Files that are no files, and names that are more than names. */

/** Makes a named pipe, which blocks whoever opens it. */
export async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  if (!success) throw new Error(`cannot make the pipe ${path}`);
}

/**
 * Names that would be code, markup or commands somewhere: every name of `Object.prototype`, line separators, quotes,
 * brackets, HTML, Markdown, Vega's expressions and field paths, commands of terminals, marks of direction, long ones.
 */
export const oddNames: readonly string[] = [
  ...Object.getOwnPropertyNames(Object.prototype),
  "line\u2028separator",
  "paragraph\u2029",
  "quo\"te's",
  "back\\slash",
  "br]ack[et",
  "a.b",
  "per%cent",
  "😀",
  "\u202eRTL\u200f",
  "escape\x1b[31m",
  "C1\x9b31m",
  "bell\x07",
  "<img src=x onerror=alert(1)>",
  "*md* _x_ `c` | $y$",
  "datum.value",
  "{{x}}",
  "1",
  "x".repeat(200),
];
