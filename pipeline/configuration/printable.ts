/**
 * Values of flags and files as messages show them.
 *
 * @module
 */
import { shortened } from "../../data/printable.ts";

export { onOneLine, pathText, printable, shortened } from "../../data/printable.ts";

/** A value of a flag or a JSON file as a message shows it. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return `"${shortened(value)}"`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : shortened(String(value));
}
