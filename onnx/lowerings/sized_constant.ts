/**
 * Kernels to which constants become that depend on an unknown size: `UniformConstant` of equal elements, and `IdentityMatrix`.
 *
 * @module
 */
import type { ValueType } from "../graph/graph.ts";
import { elementType } from "../file/encode.ts";
import { places } from "./creation.ts";
import { fusedLowering } from "./lowering.ts";
import type { UniformAttributes } from "../trace/generalise.ts";

export const uniformConstant = fusedLowering<Record<never, never>, UniformAttributes>(
  ({ attributes: { element }, output: { shape, dtype }, output }, scope) => {
    const { builder, sizes } = scope;
    const number = typeof element === "number" ? builder.scalar(element, dtype) : sizes.number(element);
    const typed = typeof element === "number" || dtype === "float32"
      ? number
      : builder.node("Cast", [number], { to: elementType[dtype] });
    scope.define(output, shape.length === 0 ? typed : builder.node("Expand", [typed, sizes.list(shape)]));
  },
);

/** One where the row is the column. */
export const identityMatrix = fusedLowering<Record<never, never>, ValueType>(
  ({ output: { shape, dtype }, output }, scope) => {
    const { builder } = scope;
    const [rows, columns] = shape.map((size) => places(scope, { shape: [size], dtype: "int32" }));
    const column = builder.node("Unsqueeze", [rows!, builder.integers([1])]);
    const isOne = builder.node("Equal", [column, columns!]);
    scope.define(output, dtype === "bool" ? isOne : builder.node("Cast", [isOne], { to: elementType[dtype] }));
  },
);
