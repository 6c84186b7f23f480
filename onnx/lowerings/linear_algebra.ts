/**
 * Matrix products.
 *
 * @module
 */
import { type BatchMatMulAttrs, type BatchMatMulInputs, broadcast_util, type DiagInputs, util } from "@tensorflow/tfjs";
import { isDynamic, type Value } from "../graph/graph.ts";
import { einsum } from "./einsum.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import type { Name } from "../file/encode.ts";
import { apartFromTranspose, transposed } from "./transposed.ts";
import { joinSizes, sizes } from "./runtime_shape.ts";

function operand(scope: LayoutScope, value: Value, transpose: boolean): Name {
  const { shape } = value, name = scope.name(value), rank = shape.length;
  const matrix = transpose ? transposed(scope, name, rank) : name;
  return shape.slice(-2).some(isDynamic) ? apartFromTranspose(scope, matrix, rank) : matrix;
}

/** Zero where a product sums nothing: onnxruntime leaves any numbers there. */
function orZero({ builder, sizes }: LayoutScope, product: Name, inner: number, { dtype }: Value): Name {
  const isEmpty = builder.node("Equal", [sizes.list([inner]), builder.integers([0])]);
  return builder.node("Where", [isEmpty, builder.scalar(0, dtype), product]);
}

const zeros = ({ builder, sizes }: LayoutScope, { shape, dtype }: Value): Name =>
  builder.node("Expand", [builder.scalar(0, dtype), sizes.list(shape)]);

const batchMatMul = lowering<BatchMatMulInputs, BatchMatMulAttrs>({
  infer({ a, b }, { transposeA, transposeB }) {
    const rows = a.shape.at(transposeA ? -1 : -2)!, columns = b.shape.at(transposeB ? -2 : -1)!;
    const [inner, other] = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
    // TensorFlow.js leaves the check to the kernel.
    util.assert(
      inner === other,
      () => `tf.matMul: inner sizes ${inner} and ${other} of [${a.shape}] and [${b.shape}] differ`,
    );
    const batch = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return { shape: [...batch, rows, columns], dtype: a.dtype };
  },
  lower({ inputs: { a, b }, attributes: { transposeA, transposeB }, output }, scope) {
    const inner = a.shape.at(transposeA ? -2 : -1)!;
    if (inner === 0) return scope.define(output, zeros(scope, output));
    const operands = [operand(scope, a, transposeA), operand(scope, b, transposeB)];
    const product = scope.builder.node("MatMul", operands);
    scope.define(output, isDynamic(inner) ? orZero(scope, product, inner, output) : product);
  },
});

/** A matrix with the elements on its diagonal; the axes of a tensor are joined for both sides of it. */
const diag = lowering<DiagInputs>({
  infer: ({ x: { shape, dtype } }) => ({ shape: [...shape, ...shape], dtype }),
  lower({ inputs: { x }, output }, scope) {
    const { builder } = scope, isBool = x.dtype === "bool";
    const row = builder.node("Reshape", [scope.name(x), builder.integers([1, -1])]);
    const places = builder.node("Range", [builder.integer(0), builder.node("Size", [row]), builder.integer(1)]);
    const column = builder.node("Unsqueeze", [places, builder.integers([1])]);
    const onDiagonal = builder.node("Equal", [column, places]);
    const matrix = isBool
      ? builder.node("And", [onDiagonal, row])
      : builder.node("Where", [onDiagonal, row, builder.scalar(0, x.dtype)]);
    if (x.shape.length === 1) return scope.define(output, matrix);
    const diagonal = output.shape.some(isDynamic)
      ? scope.reshapeToList(matrix, joinSizes(scope, [sizes(scope, x), sizes(scope, x)]))
      : scope.reshape(matrix, output.shape);
    scope.define(output, diagonal);
  },
});

export const linearAlgebraLowerings = {
  BatchMatMul: batchMatMul,
  Diag: diag,
  Einsum: einsum,
} satisfies Record<string, KernelLowering>;
