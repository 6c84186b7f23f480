/** A file, a download or a data set is bad. The message is one sentence that names it, what is wrong and what to do. */
export class InputError extends Error {
  override name = "InputError";
  readonly exitCode = 1;
}
