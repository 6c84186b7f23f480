/**
 * JSON that people or other programs may have changed. A key that stands twice in an object, of which a parser takes the
 * last, and nesting that no file here needs count as damage.
 *
 * @module
 */
import { shortened } from "../printable.ts";

/** Greatest depth of objects and lists within each other. */
const MOST_DEPTH = 64;

/** The JSON value of a text, or undefined if the text is not JSON or is damaged. */
export function parseJson(text: string): unknown {
  if (jsonFault(text) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Describes the damage of JSON, if it is damaged; text that is not JSON may have none. */
export function jsonFault(text: string): string | undefined {
  /** The keys of every open object; undefined for an open list. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (keys && isKey(text, end)) {
        const key = unescaped(text.slice(at, end));
        if (keys.has(key)) return `has ${shortened(key)} twice`;
        keys.add(key);
      }
      at = end - 1;
    } else if (sign === "{" || sign === "[") {
      if (open.push(sign === "{" ? new Set() : undefined) > MOST_DEPTH) return `is nested more than ${MOST_DEPTH} deep`;
    } else if (sign === "}" || sign === "]") open.pop();
  }
  return undefined;
}

/** Returns the index behind the string that begins at a quote. */
function endOfString(text: string, begin: number): number {
  for (let at = text.indexOf('"', begin + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let before = at;
    while (text[before - 1] === "\\") before--;
    if ((at - before) % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Returns a string without its quotes and escapes, or as it is if it is not JSON. */
function unescaped(string: string): string {
  try {
    return JSON.parse(string);
  } catch {
    return string;
  }
}

const COLON = /\s*:/y;

function isKey(text: string, end: number): boolean {
  COLON.lastIndex = end;
  return COLON.test(text);
}
