/** Returns the first line of an error's message: libraries append their own stack to it. */
export const firstLine = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).trim().split("\n")[0]!;
