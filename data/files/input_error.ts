/** Reports a bad file, download or data set. The message is one sentence: the name, the fault and what to do. */
export class InputError extends Error {
  override name = "InputError";
  readonly exitCode = 1;
}
