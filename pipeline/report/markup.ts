/**
 * Templates of HTML that escape every value which is not HTML itself.
 *
 * @module
 */
import { printable } from "../../data/printable.ts";

/** A piece of HTML. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | undefined | false | readonly Content[];

/**
 * Fills a template. Escapes texts and shows their control characters, keeps pieces of HTML and lists of them, and leaves out
 * `undefined` and `false`.
 */
export const html = (strings: TemplateStringsArray, ...values: readonly Content[]): Markup =>
  new Markup(strings.reduce((text, string, at) => text + htmlOf(values[at - 1]) + string));

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function htmlOf(content: Content): string {
  if (content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (Array.isArray(content)) return content.map(htmlOf).join("");
  return printable(String(content)).replace(/[&<>"']/g, (sign) => entities[sign]!);
}

/** A path that breaks after a slash where a line is too short for it. */
export const pathMarkup = (path: string): Markup =>
  html`${path.split("/").map((part, at) => [at > 0 && new Markup("/<wbr>"), part])}`;

/** A text whose flags, such as `--hold-out`, stay on one line. */
export const flagMarkup = (text: string): Markup =>
  html`${
    text.split(/(--[a-z][a-z-]*)/).map((part, at) => at % 2 === 0 ? part : html`<span class="flag">${part}</span>`)
  }`;
