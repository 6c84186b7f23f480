/**
 * Transposed matrices, as operands of products.
 *
 * @module
 */
import type { Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";

/** Swaps the last two axes of a value of the given rank. */
export function transposed({ builder }: LayoutScope, name: Name, rank: number): Name {
  const perm = Array.from({ length: rank }, (_, axis) => axis < rank - 2 ? axis : 2 * rank - 3 - axis);
  return builder.node("Transpose", [name], { perm });
}

/**
 * Keeps an operand of a product apart from transposes that move a batch axis, by a reshape to the shape that it has.
 * onnxruntime merges such transposes into the product, which then divides by 0 and ends the process if matrices are empty.
 */
export function apartFromTranspose({ builder }: LayoutScope, name: Name, rank: number): Name {
  let order = Array.from({ length: rank }, (_, axis) => axis), from = name;
  for (let node = builder.producer(name); node?.type === "Transpose"; node = builder.producer(from)) {
    const perm = node.attributes["perm"] as number[];
    order = order.map((axis) => perm[axis]!);
    from = node.inputs[0]!;
  }
  const staysInPlace = order.slice(0, -2).every((axis, at) => axis === at);
  return staysInPlace ? name : builder.node("Reshape", [name, builder.node("Shape", [name])]);
}
