/**
 * The gradient of a convolution's filter, summed over the images n of the batch.
 *
 *     df[k, l, i, o]  = sum over n, h, w of x[n, i, h s + k, w s + l] * dy[n, o, h, w]
 *
 * (x padded, stride s). Where the machine is known this is a convolution of its own; a portable graph, which may run
 * on any device, multiplies matrices (`filter_products.ts`), which is fast everywhere.
 *
 * @module
 */
import { type Conv2DBackpropFilterAttrs, type Conv2DBackpropFilterInputs, util } from "@tensorflow/tfjs";
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { lowering } from "../lowering.ts";
import type { Name } from "../../file/encode.ts";
import { filterGradient } from "./any_sides.ts";
import { convolveOverBatch } from "./convolve_over_batch.ts";
import { FLOAT_BYTES, type Geometry, geometry, type Shape4D, windows2d } from "./geometry.ts";
import { gradientProducts, isOfPixels, pixelProducts } from "./filter_products.ts";
import { slice } from "../move_elements.ts";
import { reduce } from "../reduction.ts";
import { asNhwc } from "../windows/channels_first.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { isPaddedBelowExtent, isPlain, isUnknown, withCounts } from "../windows/windows.ts";
import { correlateRows, gradientSuitsWinograd } from "./winograd.ts";

export const conv2dBackpropFilter = lowering<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>({
  infer: (_, { filterShape }) => ({ shape: filterShape, dtype: "float32" }),
  lower({ name, inputs, attributes, output }, scope) {
    if (definesEmptySum(name, scope, [inputs.x, inputs.dy], output)) return;
    const [x, dy] = [inputs.x, inputs.dy].map((value) => asNhwc(scope, value, attributes.dataFormat)) as [Value, Value];
    const windows = withCounts(windows2d(name, x.shape, attributes.filterShape, attributes), dy.shape.slice(1, 3));
    const isFast = !isUnknown(x.shape[0]!) && isPlain(windows) && isPaddedBelowExtent(windows);
    const gradient = isFast
      ? knownGradient(scope, x, dy, geometry(x.shape, attributes.filterShape, windows))
      : filterGradient(scope, {
        x: scope.name(x, "channelsFirst"),
        dy: scope.name(dy, "channelsFirst"),
        dyValue: dy,
        windows,
        inChannels: x.shape[3]!,
        outChannels: dy.shape[3]!,
      });
    scope.define(output, gradient);
  },
});

/** Adds the gradient for a known batch of known sizes. */
function knownGradient(scope: LayoutScope, x: Value, dy: Value, info: Geometry): Name {
  const blocks = scope.canBlock(x) && scope.canBlock(dy);
  if (blocks && isOfPixels(info)) return pixelProducts(scope, x, dy, info);
  if (scope.block === undefined) return gradientProducts(scope, x, dy, info);
  const parts = partsOfBatch(info, scope.cacheBytes);
  // Winograd's sums spread NaN and infinities.
  const mayTile = scope.specialValues === "fast";
  return blocks && mayTile && gradientSuitsWinograd(info, scope.block)
    ? correlateRows(scope, scope.blockedImage(x), scope.blockedImage(dy), info, parts)
    : correlate(scope, scope.name(x), scope.name(dy, "channelsFirst"), info, parts);
}

/**
 * Adds the gradient as a convolution over the batch: the stride of the convolution dilates dy, and its dilation is the stride.
 * onnxruntime unfolds the image as it multiplies, in pieces that stay in the cache. So that x and dy stay there too, parts of
 * the batch are groups of the convolution, and their results are added.
 */
function correlate(scope: LayoutScope, x: Name, dy: Name, info: Geometry, parts: number): Name {
  const { builder } = scope;
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight: height, filterWidth: width } = info;
  const image: Shape4D = [batchSize, inHeight, inWidth, inChannels];
  const gradient: Shape4D = [batchSize, outHeight, outWidth, outChannels];
  const taps = convolveOverBatch(scope, x, image, dy, gradient, parts, correlation(info));
  // An image that goes on after the last window makes more taps than the filter has.
  const cut = slice(scope, taps, [{ axis: 2, begin: 0, end: height }, { axis: 3, begin: 0, end: width }]);
  const ofParts = scope.reshape(cut, [parts, outChannels, height, width, inChannels]);
  const sum = reduce(scope, "ReduceSum", ofParts, [0], false);
  return builder.node("Transpose", [sum], { perm: [1, 2, 3, 0] });
}

/** The window of {@linkcode correlate}'s convolution. */
function correlation(info: Geometry) {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo: { top, left } } = info;
  const after = (size: number, out: number, stride: number, taps: number, dilation: number, before: number) =>
    Math.max(0, (taps - 1) * dilation + (out - 1) * stride + 1 - size - before);
  const bottom = after(inHeight, outHeight, strideHeight, filterHeight, dilationHeight, top);
  const right = after(inWidth, outWidth, strideWidth, filterWidth, dilationWidth, left);
  return {
    strides: [dilationHeight, dilationWidth, 1],
    dilations: [strideHeight, strideWidth, 1],
    pads: [top, left, 0, bottom, right, 0],
  };
}

/** Finds the smallest number of equal parts of the batch whose x and dy take at most `bytes` each. */
function partsOfBatch({ batchSize, inShape, outShape }: Geometry, bytes: number): number {
  const perImage = (util.sizeFromShape(inShape) + util.sizeFromShape(outShape)) / batchSize * FLOAT_BYTES;
  let parts = 1;
  while (parts < batchSize && (batchSize % parts !== 0 || batchSize / parts * perImage > bytes)) parts++;
  return parts;
}
