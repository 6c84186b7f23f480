/**
 * Makes texts safe to repeat in messages: short, and without control characters.
 *
 * @module
 */

/** Characters of a value that a message repeats. */
const VALUE_LENGTH = 80;
/** Characters of a path, which is of no use when it is cut. */
const PATH_LENGTH = 400;

/** Control characters, line separators and marks that turn the direction of text. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Escapes every character that a terminal could act on, except new lines and tabs. */
export const printable = (text: string): string => text.replace(CONTROLS, escaped);

/** Cuts a text and escapes it, new lines and tabs too. */
export function shortened(text: string, length: number = VALUE_LENGTH): string {
  const cut = text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")}…` : text;
  return printable(cut).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** A path as a message shows it. */
export const pathText = (path: string): string => shortened(path, PATH_LENGTH);

/** A value of a flag or a JSON file as a message shows it. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return `"${shortened(value)}"`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : shortened(String(value));
}
