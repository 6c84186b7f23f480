/**
 * Texts of users within Markdown and YAML: they show as written, and are no markup.
 *
 * @module
 */

/** Control characters, line separators and marks that turn the direction of text. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
/** Punctuation that means something within a line of GitHub's Markdown, HTML or the Hub's formulas. */
const MARKS = /[\\`*_{}[\]<>()#+!|~&:@$=^"]|(?<=www)\./gi;

const escaped = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Escapes a text for a line of Markdown, which may also hold HTML. A backslash escapes any punctuation there (CommonMark 2.4). */
export const markdownText = (text: string): string =>
  text.replace(CONTROLS, escaped).replace(MARKS, (sign) => `\\${sign}`);

/** Quotes a text for YAML: a JSON string, in which YAML needs some more characters escaped (YAML 1.2, 5.1). */
export const yamlText = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replace(CONTROLS, escaped).replace(/[\ufeff\ufffe\uffff]/g, escaped);
