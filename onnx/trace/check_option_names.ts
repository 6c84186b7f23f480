import { TraceError } from "../graph/trace_error.ts";

/** @throws {TraceError} if an option is unknown; a misspelt one would have no effect */
export function checkOptionNames(call: string, options: object, known: Readonly<Record<string, true>>): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  throw new TraceError(`${call} has no option ${unknown}; its options are ${Object.keys(known).join(", ")}`);
}
