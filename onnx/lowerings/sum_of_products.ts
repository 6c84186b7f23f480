/**
 * The kernel `SumOfProducts`, which the pass `factor_out_scales` makes: the sum over the pixels of the product of two images.
 *
 * @module
 */
import { BLOCKED } from "../file/domains.ts";
import { isDynamic, type Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { axesIn, shapeIn } from "./layouts.ts";
import { fusedLowering } from "./lowering.ts";
import type { Name } from "../file/encode.ts";
import { reduce } from "./reduction.ts";

/** Both are images [batch, height, width, channels]; the result is [batch, 1, 1, channels]. */
interface Inputs {
  readonly a: Value;
  readonly b: Value;
}

export const sumOfProducts = fusedLowering<Inputs>(({ inputs: { a, b }, output }, scope) => {
  const layout = scope.preferredLayout([a, b]);
  const [one, other] = [scope.name(a, layout), scope.name(b, layout)];
  if (layout === "blocked" && !a.shape.some(isDynamic)) {
    return scope.define(output, convolveWhole(scope, one, other, a.shape), layout);
  }
  const axes = [1, 2].flatMap((axis) => axesIn(layout, axis));
  const sums = reduce(scope, "ReduceSum", scope.builder.node("Mul", [one, other]), axes, true);
  scope.define(output, sums, layout);
});

/** Reads both images once: a blocked convolution of one window, with the other image as the filter of each channel. */
function convolveWhole(scope: LayoutScope, image: Name, filter: Name, shape: readonly number[]): Name {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const groups = batch * channels;
  const operands = [
    scope.reshape(image, [1, groups, height, width]),
    scope.reshape(filter, [groups, 1, height, width]),
  ];
  const sums = scope.builder.node("Conv", operands, { kernel_shape: [height, width], group: groups }, BLOCKED);
  return scope.reshape(sums, shapeIn("blocked", [batch, 1, 1, channels], scope.block!));
}
