/**
 * The error of a kernel that the table of kernels lacks.
 *
 * @module
 */
import type { KernelTypes } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";

/** Names the kernel and up to three kernels of the table whose names share a word with it. */
export function missingKernel(name: string, types: KernelTypes): TraceError {
  const words = wordsOf(name);
  const alike = Object.keys(types).filter((other) => wordsOf(other).some((word) => words.includes(word)));
  const hint = alike.length > 0 ? `similar ones that have: ${alike.toSorted().slice(0, 3).join(", ")}` : "";
  return new TraceError(
    `kernel ${name} has no lowering to ONNX; ${hint || "supportedKernels lists those that have one"}`,
  );
}

/** The capitalised words of a kernel's name, without the shortest. */
const wordsOf = (name: string): string[] => name.match(/[A-Z][a-z]{2,}/g) ?? [];
