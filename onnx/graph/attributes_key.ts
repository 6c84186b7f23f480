/**
 * Writes attributes as a text that only equal attributes have. JSON alone writes NaN and both infinities as null, and -0 as 0.
 */
export const attributesKey = (attributes: unknown): string =>
  JSON.stringify(attributes, (_, value) => typeof value === "number" ? writtenNumber(value) : value);

/** A number that JSON keeps, or an object that names another one. */
function writtenNumber(x: number): number | { readonly number: string } {
  if (Object.is(x, -0)) return { number: "-0" };
  return Number.isFinite(x) ? x : { number: `${x}` };
}
