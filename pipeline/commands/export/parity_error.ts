/** An exported file computes other values than the network. */
export class ParityError extends Error {
  override name = "ParityError";
  readonly exitCode = 1;
}
