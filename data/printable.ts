/**
 * Makes texts safe to repeat in messages: short, and without control characters.
 *
 * @module
 */

/** Characters of a value that a message repeats. */
const VALUE_LENGTH = 80;
/** Characters of a path, which is of no use when it is cut. */
const PATH_LENGTH = 400;

/** Control characters, line separators and marks that turn the direction of text; all lie in the first 65,536. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
const LINE_ENDS = "\n\t";

const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

/**
 * Escapes every character that a terminal could act on, except new lines and tabs. Within JSON the escapes stand for the
 * same characters.
 */
export const printable = (text: string): string =>
  text.replace(CONTROLS, (sign) => LINE_ENDS.includes(sign) ? sign : escaped(sign));

/** Escapes new lines and tabs too, so that the text stays on its line. */
export const onOneLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");

/** Cuts a text and escapes it, new lines and tabs too. */
export function shortened(text: string, length: number = VALUE_LENGTH): string {
  return onOneLine(text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")}…` : text);
}

/** Returns a path as a message shows it. */
export const pathText = (path: string): string => shortened(path, PATH_LENGTH);
