/**
 * Average pooling and its gradient. As in TensorFlow, padding does not count into an average.
 *
 * @module
 */
import type {
  AvgPool3DAttrs,
  AvgPool3DGradAttrs,
  AvgPool3DGradInputs,
  AvgPool3DInputs,
  AvgPoolAttrs,
  AvgPoolGradAttrs,
  AvgPoolGradInputs,
  AvgPoolInputs,
} from "@tensorflow/tfjs";
import { spreadSides } from "../convolution/any_sides.ts";
import type { Name } from "../../file/encode.ts";
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { lowering } from "../lowering.ts";
import { channelsFirst, defineChannelsFirst } from "../windows/channels_first.ts";
import { padAttribute, windowAttributes } from "../windows/pad_image.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { isPaddedBelowExtent, resultShape, type Windows, withCounts } from "../windows/windows.ts";
import { arePixelsOfBlocks, pickPixels, spreadPixels } from "./single_pixels.ts";
import { coverage, cutToCounts, isIdentity, onesOf, poolWindows, windowSums } from "./pool_windows.ts";

/** True if every window covers a pixel, and ONNX's operator can pad for it. */
const isExpressible = (windows: readonly Windows[]): boolean =>
  padAttribute(windows) !== undefined && isPaddedBelowExtent(windows);

function averages(scope: LayoutScope, image: Name, windows: readonly Windows[], channels: number): Name {
  const { builder } = scope;
  if (isExpressible(windows)) {
    const attributes = { ...windowAttributes(windows), ...padAttribute(windows) };
    return cutToCounts(scope, builder.node("AveragePool", [image], attributes), windows);
  }
  const covered = coverage(scope, windows);
  // In two dimensions TensorFlow.js divides by 0 where a window covers no pixel, in three it does not.
  const divisor = windows.length === 2 ? covered : builder.node("Max", [covered, builder.scalar(1)]);
  return builder.node("Div", [windowSums(scope, image, windows, channels), divisor]);
}

const average = <Attributes extends AvgPoolAttrs | AvgPool3DAttrs>(kernel: string) =>
  lowering<AvgPoolInputs | AvgPool3DInputs, Attributes>({
    infer: ({ x }, attributes) => ({
      shape: resultShape(x.shape[0]!, poolWindows(kernel, x.shape, attributes), x.shape.at(-1)!),
      dtype: "float32",
    }),
    lower({ inputs: { x }, attributes, output }, scope) {
      const windows = poolWindows(kernel, x.shape, attributes);
      if (isIdentity(windows)) return scope.alias(output, x);
      if (arePixelsOfBlocks(scope, x, windows)) return pickPixels(scope, x, output, windows);
      defineChannelsFirst(scope, output, averages(scope, channelsFirst(scope, x), windows, x.shape.at(-1)!));
    },
  });

/** Divides each output's gradient by the pixels averaged, and adds it to each of them: a transposed convolution. */
const averageGradient = <Attributes extends AvgPoolGradAttrs | AvgPool3DGradAttrs>(kernel: string) =>
  lowering<AvgPoolGradInputs | AvgPool3DGradInputs, Attributes>({
    infer: ({ input: { shape } }) => ({ shape, dtype: "float32" }),
    lower({ inputs: { input, dy }, attributes, output }, scope) {
      if (definesEmptySum(kernel, scope, [input, dy], output)) return;
      const windows = withCounts(poolWindows(kernel, input.shape, attributes), dy.shape.slice(1, -1));
      if (isIdentity(windows)) return scope.alias(output, dy);
      if (arePixelsOfBlocks(scope, dy, windows)) return spreadPixels(scope, dy, output, windows);
      defineChannelsFirst(scope, output, spreadAverages(scope, input, dy, windows));
    },
  });

function spreadAverages(scope: LayoutScope, input: Value, dy: Value, windows: readonly Windows[]): Name {
  const channels = input.shape.at(-1)!, gradient = channelsFirst(scope, dy);
  const covered = coverage(scope, windows);
  const isPixel = windows.every(({ taps }) => taps === 1);
  const share = isPixel ? gradient : scope.builder.node("Div", [gradient, covered]);
  const ones = onesOf(scope, windows, channels);
  return spreadSides(scope, share, ones, windows, channels);
}

export const avgPool = average<AvgPoolAttrs>("AvgPool");
export const avgPool3d = average<AvgPool3DAttrs>("AvgPool3D");
export const avgPoolGrad = averageGradient<AvgPoolGradAttrs>("AvgPoolGrad");
export const avgPool3dGrad = averageGradient<AvgPool3DGradAttrs>("AvgPool3DGrad");
