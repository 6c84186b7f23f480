/** An exported file does not compute what the network computes. */
export class ParityError extends Error {
  override name = "ParityError";
  readonly exitCode = 1;
}
