/**
 * The kernel `GroupedConv2D`, which the pass `group_convolutions` makes: groups of channels are convolved apart.
 *
 * @module
 */
import type { Conv2DAttrs, Conv2DInputs } from "@tensorflow/tfjs";
import { outInHeightWidth } from "./filter_layouts.ts";
import { fusedLowering } from "../lowering.ts";
import { geometry, pads } from "./geometry.ts";

interface Attributes extends Conv2DAttrs {
  readonly groups: number;
}

/** The filter is [height, width, in / groups, out]. */
export const groupedConv2d = fusedLowering<Conv2DInputs, Attributes>((call, scope) => {
  const { name, inputs: { x, filter }, attributes, output } = call;
  const info = geometry(name, x.shape.with(3, filter.shape[2]!), filter.shape, attributes);
  const operands = [scope.name(x, "channelsFirst"), outInHeightWidth(scope, filter)];
  const result = scope.builder.node("Conv", operands, {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: pads(info),
    group: attributes.groups,
  });
  scope.define(output, result, "channelsFirst");
});
