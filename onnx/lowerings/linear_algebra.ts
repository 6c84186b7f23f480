/**
 * Matrix products.
 *
 * @module
 */
import { broadcast_util } from "@tensorflow/tfjs";
import type { Value } from "../graph/graph.ts";
import type { Lowering, Scope } from "./lowering.ts";
import type { Name } from "../file/model_builder.ts";

/** Swaps the last two axes of a value of the given rank. */
export function transposed({ builder }: Scope, name: Name, rank: number): Name {
  const perm = Array.from({ length: rank }, (_, axis) => axis < rank - 2 ? axis : 2 * rank - 3 - axis);
  return builder.node("Transpose", [name], { perm });
}

function operand(scope: Scope, value: Value, transpose: unknown): Name {
  const name = scope.name(value);
  return transpose ? transposed(scope, name, value.shape.length) : name;
}

export const linearAlgebraLowerings = {
  BatchMatMul: {
    infer({ a, b }, { transposeA, transposeB }) {
      const [left, right] = [a!.shape, b!.shape];
      const rows = left.at(transposeA ? -1 : -2)!, columns = right.at(transposeB ? -2 : -1)!;
      const batch = broadcast_util.assertAndGetBroadcastShape(left.slice(0, -2), right.slice(0, -2));
      return { shape: [...batch, rows, columns], dtype: a!.dtype };
    },
    lower({ inputs, attributes, outputs }, scope) {
      const a = operand(scope, inputs["a"]!, attributes["transposeA"]);
      const b = operand(scope, inputs["b"]!, attributes["transposeB"]);
      scope.define(outputs[0]!, scope.builder.node("MatMul", [a, b]));
    },
  },
} satisfies Record<string, Lowering>;
