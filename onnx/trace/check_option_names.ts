import { TraceError } from "../graph/trace_error.ts";

/**
 * Refuses unknown options: a misspelt one would have no effect.
 *
 * @param Refusal the class of the error
 * @throws {TraceError} or another error, if an option is unknown
 */
export function checkOptionNames(
  call: string,
  options: object,
  known: Readonly<Record<string, true>>,
  Refusal: new (message: string) => Error = TraceError,
): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new Refusal(`${call} has no option ${unknown}; its options are ${Object.keys(known).join(", ")}`);
}
