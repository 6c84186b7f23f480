/**
 * Adds a convolution to the ONNX graph, in the layout in which the machine is fastest.
 *
 * @module
 */
import type { Value } from "../../graph/graph.ts";
import { shapeIn } from "../layouts.ts";
import type { LayoutScope } from "../layout_scope.ts";
import type { Geometry, Shape4D } from "./geometry.ts";
import { blockedFilter, blockedRows, type Filter, plainFilter } from "./filter_layouts.ts";
import { sumOfBlocked } from "./sum_of_blocked.ts";
import { convolveRows, suitsWinograd } from "./winograd.ts";

/** An image and a filter; all terms of a sum have the same shapes. */
export interface Term {
  readonly x: Value;
  readonly filter: Filter;
}

type Window = Readonly<Record<"strides" | "dilations" | "pads", readonly number[]>>;

/**
 * Adds a sum of convolutions and defines `y` as its result.
 *
 * onnxruntime's fast kernels work on blocked images. It chooses them itself only for constant filters, but a graph can name
 * them: it then reorders the filter for them. An image of fewer channels than a block is read channels-first.
 */
export function convolve(scope: LayoutScope, terms: readonly Term[], y: Value, window: Window, info: Geometry): void {
  const { builder, block } = scope, { x, filter } = terms[0]!;
  const [height, width] = filter.value.shape as Shape4D;
  const attributes = { ...window, kernel_shape: [height, width] };
  const few = block !== undefined && x.shape[3]! < block;
  if (!scope.canBlock(y) || !(few || scope.canBlock(x))) {
    const convolved = terms.map(({ x, filter }) =>
      builder.node("Conv", [scope.name(x, "channelsFirst"), plainFilter(scope, filter)], attributes)
    );
    return scope.define(y, convolved.reduce((a, b) => builder.node("Add", [a, b])), "channelsFirst");
  }
  const shape = shapeIn("channelsFirst", x.shape, block!) as Shape4D;
  const image = ({ x }: Term) => few ? scope.name(x, "channelsFirst") : scope.blockedImage(x);
  // Winograd's sums spread NaN and infinities to the neighbouring windows.
  const result = !few && scope.specialValues === "fast" && suitsWinograd(info)
    ? convolveRows(
      scope,
      terms.map((term) => ({ image: image(term), filter: blockedRows(scope, term.filter) })),
      shape,
      y.shape[3]!,
    )
    : sumOfBlocked(scope, terms.map((term) => [image(term), blockedFilter(scope, term.filter)]), attributes);
  scope.defineBlocked(y, result);
}
