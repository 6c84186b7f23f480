/**
 * Cumulative sums and products. `exclusive` leaves an element out of its own, `reverse` runs from the end.
 *
 * @module
 */
import type { CumprodAttrs, CumprodInputs, CumsumAttrs, CumsumInputs } from "@tensorflow/tfjs";
import { isDynamic, type Value, type ValueType } from "../graph/graph.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { axisOf, END, slice } from "./move_elements.ts";
import { reduce } from "./reduction.ts";
import { sizes } from "./runtime_shape.ts";

/** Booleans are counted. */
const resultType = ({ x: { shape, dtype } }: { readonly x: Value }): ValueType => ({
  shape,
  dtype: dtype === "bool" ? "int32" : dtype,
});

const numberName = ({ builder }: LayoutScope, name: Name, from: Value, to: Value) =>
  from.dtype === to.dtype ? name : builder.node("Cast", [name], { to: elementType[to.dtype] });

const cumsum = lowering<CumsumInputs, CumsumAttrs>({
  infer: resultType,
  lower({ inputs: { x }, attributes: { axis, exclusive, reverse }, output }, scope) {
    const { builder } = scope, operand = numberName(scope, scope.name(x), x, output);
    const inputs = [operand, builder.scalar(axisOf(x, axis), "int32")];
    scope.define(output, builder.node("CumSum", inputs, { exclusive: Number(exclusive), reverse: Number(reverse) }));
  },
});

/** A product of elements that run along an axis from its start, or back from its end. */
interface Running {
  readonly x: Name;
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
  readonly rank: number;
  /** A one of the elements' type, of rank 0. */
  readonly one: Name;
}

/** ONNX has no cumulative product. */
const cumprod = lowering<CumprodInputs, CumprodAttrs>({
  infer: resultType,
  lower({ inputs: { x }, attributes: { axis: axisOrLast, exclusive, reverse }, output }, scope) {
    const axis = axisOf(x, axisOrLast), size = x.shape[axis]!, rank = x.shape.length;
    const name = numberName(scope, scope.name(x), x, output);
    const running = { x: name, axis, exclusive, reverse, rank, one: scope.builder.scalar(1, output.dtype) };
    scope.define(output, isDynamic(size) ? maskedProduct(scope, running, x) : doubledProduct(scope, running, size));
  },
});

/** Multiplies by the product of 1, 2, 4... elements before: in log2(size) steps each product is of all. */
function doubledProduct(scope: LayoutScope, running: Running, size: number): Name {
  let product = running.exclusive && size > 0 ? shifted(scope, running, running.x, 1) : running.x;
  for (let step = 1; step < size; step *= 2) {
    product = scope.builder.node("Mul", [product, shifted(scope, running, product, step)]);
  }
  return product;
}

/** Moves elements along the axis; ones come in. */
function shifted(scope: LayoutScope, { axis, reverse, rank, one }: Running, name: Name, by: number): Name {
  const { builder } = scope, pads = Array<number>(2 * rank).fill(0);
  const rest = slice(scope, name, [reverse ? { axis, begin: by, end: END } : { axis, begin: 0, end: -by }]);
  pads[reverse ? rank + axis : axis] = by;
  return builder.node("Pad", [rest, builder.integers(pads), one]);
}

/** Multiplies, for every element, the ones before it in a table of all pairs: an axis of any size. */
function maskedProduct(scope: LayoutScope, { x, axis, exclusive, reverse, rank, one }: Running, value: Value): Name {
  const { builder } = scope, size = builder.node("Squeeze", [sizes(scope, value, axis, axis + 1)]);
  const places = builder.node("Range", [builder.integer(0), size, builder.integer(1)]);
  // [size, 1, ...]: the factors lie along a new axis behind the one of the products.
  const along = (length: number) => builder.node("Reshape", [places, builder.integers([-1, ...Array(length).fill(1)])]);
  const [products, factors] = [along(rank - axis), along(rank - axis - 1)];
  const operands = reverse ? [factors, products] : [products, factors];
  const isFactor = builder.node(exclusive ? "Greater" : "GreaterOrEqual", operands);
  const pairs = builder.node("Where", [isFactor, builder.node("Unsqueeze", [x, builder.integers([axis])]), one]);
  return reduce(scope, "ReduceProd", pairs, [axis + 1], false);
}

export const cumulativeLowerings = {
  Cumprod: cumprod,
  Cumsum: cumsum,
} satisfies Record<string, KernelLowering>;
