/** A function cannot be turned into a graph: it reads a traced value, uses a kernel without a lowering, and so on. */
export class TraceError extends Error {
  /** `TraceError` */
  override name = "TraceError";
}
