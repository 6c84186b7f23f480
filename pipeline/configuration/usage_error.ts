/** A flag or a configuration value is bad. The message is one sentence that names it and what is allowed. */
export class UsageError extends Error {
  override name = "UsageError";
  readonly exitCode = 2;
}
