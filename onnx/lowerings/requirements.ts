import { TraceError } from "../graph/trace_error.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { callersOf } from "../trace/tensorflow_kernels.ts";

/**
 * Asserts that the model's operators are new enough for a kernel.
 *
 * @throws {TraceError} if they are not
 */
export function requireOpset({ builder }: LayoutScope, kernel: string, opset: number): void {
  if (builder.opset >= opset) return;
  throw new TraceError(`opset ${builder.opset} cannot express ${callersOf(kernel)}; choose opset ${opset} or later`);
}
