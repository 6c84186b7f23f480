/**
 * Matrix products.
 *
 * @module
 */
import { type BatchMatMulAttrs, type BatchMatMulInputs, broadcast_util } from "@tensorflow/tfjs";
import type { Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import type { Name } from "../file/encode.ts";

/** Swaps the last two axes of a value of the given rank. */
export function transposed({ builder }: LayoutScope, name: Name, rank: number): Name {
  const perm = Array.from({ length: rank }, (_, axis) => axis < rank - 2 ? axis : 2 * rank - 3 - axis);
  return builder.node("Transpose", [name], { perm });
}

function operand(scope: LayoutScope, value: Value, transpose: boolean): Name {
  const name = scope.name(value);
  return transpose ? transposed(scope, name, value.shape.length) : name;
}

const batchMatMul = lowering<BatchMatMulInputs, BatchMatMulAttrs>({
  infer({ a, b }, { transposeA, transposeB }) {
    const rows = a.shape.at(transposeA ? -1 : -2)!, columns = b.shape.at(transposeB ? -2 : -1)!;
    const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { shape: [...batch, rows, columns], dtype: a.dtype };
  },
  lower({ inputs: { a, b }, attributes: { transposeA, transposeB }, output }, scope) {
    const operands = [operand(scope, a, transposeA), operand(scope, b, transposeB)];
    scope.define(output, scope.builder.node("MatMul", operands));
  },
});

export const linearAlgebraLowerings = { BatchMatMul: batchMatMul } satisfies Record<string, KernelLowering>;
