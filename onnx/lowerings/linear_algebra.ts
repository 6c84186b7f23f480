/**
 * Matrix products.
 *
 * @module
 */
import {
  backend_util,
  type BatchMatMulAttrs,
  type BatchMatMulInputs,
  broadcast_util,
  type DiagInputs,
  type EinsumAttrs,
} from "@tensorflow/tfjs";
import type { Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, listLowering, lowering } from "./lowering.ts";
import type { Name } from "../file/encode.ts";
import { joinSizes, reshapeTo, sizes } from "./runtime_shape.ts";

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

/** TensorFlow.js takes one or two operands, each with an axis once; ONNX's operator can do that and more. */
const einsum = listLowering<EinsumAttrs>({
  infer(operands, { equation }) {
    const { dtype } = operands[0]!;
    if (dtype === "bool" || operands.some((operand) => operand.dtype !== dtype)) {
      throw new TraceError("tf.einsum of bool or of several types; cast the operands to one type of number");
    }
    const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
    const sizes = new Map(operands.flatMap(({ shape }, at) => idDims[at]!.map((dim, axis) => [dim, shape[axis]!])));
    return { shape: outputAxes(equation).map((axis) => sizes.get(allDims.indexOf(axis))!), dtype };
  },
  lower({ inputs: operands, attributes: { equation }, output }, scope) {
    const names = operands.map((operand) => scope.name(operand));
    scope.define(output, scope.builder.node("Einsum", names, { equation }));
  },
});

const outputAxes = (equation: string) => [...equation.replaceAll(/\s/g, "").split("->")[1]!];

/** A matrix with the elements on its diagonal; the axes of a tensor are joined for both sides of it. */
const diag = lowering<DiagInputs>({
  infer: ({ x: { shape, dtype } }) => ({ shape: [...shape, ...shape], dtype }),
  lower({ inputs: { x }, output }, scope) {
    const { builder } = scope, isBool = x.dtype === "bool";
    const row = builder.node("Reshape", [scope.name(x), builder.integers([1, -1])]);
    const [zero, step] = [0, 1].map((number) => builder.constant(BigInt64Array.of(BigInt(number)), [], "int64"));
    const places = builder.node("Range", [zero!, builder.node("Size", [row]), step!]);
    const column = builder.node("Unsqueeze", [places, builder.integers([1])]);
    const onDiagonal = builder.node("Equal", [column, places]);
    const matrix = isBool
      ? builder.node("And", [onDiagonal, row])
      : builder.node("Where", [onDiagonal, row, builder.scalar(0, x.dtype)]);
    scope.define(output, reshapeTo(scope, matrix, joinSizes(scope, [sizes(scope, x), sizes(scope, x)])));
  },
});

export const linearAlgebraLowerings = {
  BatchMatMul: batchMatMul,
  Diag: diag,
  Einsum: einsum,
} satisfies Record<string, KernelLowering>;
