import type { KernelTypes } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";

export function missingKernel(name: string, _types: KernelTypes): TraceError {
  return new TraceError(`kernel ${name} has no lowering to ONNX`);
}
