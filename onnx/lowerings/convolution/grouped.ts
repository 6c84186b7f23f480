/**
 * The kernel `GroupedConv2D`, which the pass `group_convolutions` makes: groups of channels are convolved apart.
 *
 * @module
 */
import type { Conv2DAttrs, Conv2DInputs } from "@tensorflow/tfjs";
import { convolveSides } from "./any_sides.ts";
import { outInHeightWidth } from "./filter_layouts.ts";
import { fusedLowering } from "../lowering.ts";
import { windows2d } from "./geometry.ts";

interface Attributes extends Conv2DAttrs {
  readonly groups: number;
}

/** The filter is [height, width, in / groups, out]. */
export const groupedConv2d = fusedLowering<Conv2DInputs, Attributes>((call, scope) => {
  const { name, inputs: { x, filter }, attributes, output } = call;
  const windows = windows2d(name, x.shape, filter.shape, attributes);
  const [image, taps] = [scope.name(x, "channelsFirst"), outInHeightWidth(scope, filter)];
  scope.define(output, convolveSides(scope, image, taps, windows, attributes.groups), "channelsFirst");
});
