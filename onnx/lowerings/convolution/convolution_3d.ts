/**
 * Convolutions of images with three sides, [batch, depth, height, width, channels], and their gradients.
 *
 * @module
 */
import type {
  Conv3DAttrs,
  Conv3DBackpropFilterV2Attrs,
  Conv3DBackpropFilterV2Inputs,
  Conv3DBackpropInputV2Attrs,
  Conv3DBackpropInputV2Inputs,
  Conv3DInputs,
} from "@tensorflow/tfjs";
import type { Value } from "../../graph/graph.ts";
import type { Name } from "../../file/encode.ts";
import { lowering } from "../lowering.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { channelsFirst, defineChannelsFirst } from "../windows/channels_first.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { perSide, resultShape, type Windows, windowsOf, withCounts } from "../windows/windows.ts";
import { convolveSides, filterGradient, spreadSides } from "./any_sides.ts";

type Attributes = Pick<Conv3DAttrs, "strides" | "pad"> & Partial<Pick<Conv3DAttrs, "dilations">>;

const windows3d = (
  kernel: string,
  image: readonly number[],
  filter: readonly number[],
  { strides, pad, dilations }: Attributes,
): readonly Windows[] =>
  windowsOf({
    kernel,
    sizes: image.slice(1, 4),
    taps: filter.slice(0, 3),
    strides: perSide(strides, 3),
    dilations: perSide(dilations ?? 1, 3),
    pad,
  });

/** The filter as ONNX reads it, [out, in, depth, height, width]. */
const outInSides = (scope: LayoutScope, filter: Value): Name =>
  scope.builder.node("Transpose", [scope.name(filter)], { perm: [4, 3, 0, 1, 2] });

export const conv3d = lowering<Conv3DInputs, Conv3DAttrs>({
  infer: ({ x, filter }, attributes) => ({
    shape: resultShape(x.shape[0]!, windows3d("Conv3D", x.shape, filter.shape, attributes), filter.shape[4]!),
    dtype: "float32",
  }),
  lower({ name, inputs: { x, filter }, attributes, output }, scope) {
    if (definesEmptySum(name, scope, [x, filter], output)) return;
    const windows = windows3d(name, x.shape, filter.shape, attributes);
    const result = convolveSides(scope, channelsFirst(scope, x), outInSides(scope, filter), windows, 1);
    defineChannelsFirst(scope, output, result);
  },
});

export const conv3dBackpropInput = lowering<Conv3DBackpropInputV2Inputs, Conv3DBackpropInputV2Attrs>({
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: "float32" }),
  lower({ name, inputs: { dy, filter }, attributes, output: dx }, scope) {
    if (definesEmptySum(name, scope, [dy, filter], dx)) return;
    const rules = windows3d(name, attributes.inputShape, filter.shape, attributes);
    const windows = withCounts(rules, dy.shape.slice(1, 4));
    const operands = [channelsFirst(scope, dy), outInSides(scope, filter)] as const;
    defineChannelsFirst(scope, dx, spreadSides(scope, ...operands, windows, 1));
  },
});

export const conv3dBackpropFilter = lowering<Conv3DBackpropFilterV2Inputs, Conv3DBackpropFilterV2Attrs>({
  infer: (_, { filterShape }) => ({ shape: filterShape, dtype: "float32" }),
  lower({ name, inputs: { x, dy }, attributes, output }, scope) {
    if (definesEmptySum(name, scope, [x, dy], output)) return;
    const windows = windows3d(name, x.shape, attributes.filterShape, attributes);
    const gradient = filterGradient(scope, {
      x: channelsFirst(scope, x),
      dy: channelsFirst(scope, dy),
      dyValue: dy,
      windows: withCounts(windows, dy.shape.slice(1, 4)),
      inChannels: x.shape[4]!,
      outChannels: dy.shape[4]!,
    });
    scope.define(output, gradient);
  },
});
