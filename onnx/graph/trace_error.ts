/** A function cannot become a graph: it reads a traced tensor, uses a kernel without a lowering, and so on. */
export class TraceError extends Error {
  /** `TraceError` */
  override name = "TraceError";
}
