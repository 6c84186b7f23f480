import type { Value } from "../../graph/graph.ts";
import { TraceError } from "../../graph/trace_error.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { isUnknown } from "./windows.ts";
import { callersOf } from "../../trace/tensorflow_kernels.ts";

/**
 * Defines a sum of nothing: where an operand or the result has no elements, onnxruntime's convolutions fail or do not return.
 * Returns false, and defines nothing, where all have elements.
 *
 * @throws {TraceError} if the shape of the sum is unknown
 */
export function definesEmptySum(
  kernel: string,
  scope: LayoutScope,
  operands: readonly Value[],
  output: Value,
): boolean {
  if (![...operands, output].some(({ shape }) => shape.includes(0))) return false;
  if (output.shape.some(isUnknown)) {
    throw new TraceError(`${callersOf(kernel)} reads an image without elements and of unknown size; fix the sizes`);
  }
  const zero = scope.builder.scalar(0);
  scope.define(output, scope.builder.node("Expand", [zero, scope.builder.integers(output.shape)]));
  return true;
}
