import { TraceError } from "../graph/trace_error.ts";
import type { LayoutScope } from "./layout_scope.ts";

/**
 * Asserts that the model's operators are new enough for a kernel.
 *
 * @throws {TraceError} if they are not
 */
export function requireOpset({ builder }: LayoutScope, kernel: string, opset: number): void {
  if (builder.opset >= opset) return;
  throw new TraceError(`kernel ${kernel} needs opset ${opset} or later; the model's is ${builder.opset}`);
}
