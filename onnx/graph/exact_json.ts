/** Writes a value as JSON that only equal values have. JSON alone writes NaN and both infinities as null, and -0 as 0. */
export const exactJson = (value: unknown): string =>
  JSON.stringify(value, (_, part) => typeof part === "number" ? writtenNumber(part) : part);

/** A number that JSON keeps, or an object that names another one. */
function writtenNumber(x: number): number | { readonly number: string } {
  if (Object.is(x, -0)) return { number: "-0" };
  return Number.isFinite(x) ? x : { number: `${x}` };
}
