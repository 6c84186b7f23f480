/**
 * The kernel `UniformConstant`, to which constants of equal elements become that depend on an unknown size.
 *
 * @module
 */
import { elementType } from "../file/encode.ts";
import { arrayTypes } from "./creation.ts";
import { fusedLowering } from "./lowering.ts";
import type { UniformAttributes } from "../trace/generalise.ts";

export const uniformConstant = fusedLowering<Record<never, never>, UniformAttributes>(
  ({ attributes: { element }, output: { shape, dtype }, output }, scope) => {
    const { builder, sizes } = scope;
    const number = typeof element === "number"
      ? builder.constant(arrayTypes[dtype].of(element), [], dtype)
      : sizes.number(element);
    const typed = typeof element === "number" || dtype === "float32"
      ? number
      : builder.node("Cast", [number], { to: elementType[dtype] });
    scope.define(output, shape.length === 0 ? typed : builder.node("Expand", [typed, sizes.list(shape)]));
  },
);
