/**
 * The gradient of a convolution's filter, summed over the images n of the batch.
 *
 *     df[k, l, i, o]  = sum over n, h, w of x[n, i, h s + k, w s + l] * dy[n, o, h, w]
 *
 * (x padded, stride s). Where the machine is known this is a convolution of its own; a portable graph, which may run
 * on any device, has matrix products, which are fast everywhere.
 *
 * @module
 */
import { util } from "@tensorflow/tfjs";
import type { Value } from "../../graph/graph.ts";
import type { Lowering, Scope } from "../lowering.ts";
import type { Name } from "../../file/model_builder.ts";
import { type Geometry, geometry, type Shape4D } from "./geometry.ts";
import { convolveOverBatch } from "./convolve_over_batch.ts";
import { transposed } from "../linear_algebra.ts";
import { concatenate, pad, slice } from "../movement.ts";
import { reduce } from "../reduction.ts";
import { correlateRows, gradientSuitsWinograd } from "./winograd.ts";

const FLOAT_BYTES = 4;

export const conv2dBackpropFilter: Lowering = {
  infer: (_, { filterShape }) => ({ shape: filterShape as number[], dtype: "float32" }),
  lower({ name, inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, dy = inputs["dy"]!;
    const info = geometry(name, x.shape, attributes["filterShape"] as number[], attributes);
    const blocks = scope.canBlock(x) && scope.canBlock(dy);
    if (blocks && isOfPixels(info)) return scope.define(outputs[0]!, correlatePixels(scope, x, dy, info));
    if (scope.block !== undefined) {
      const parts = partsOfBatch(info, scope.cacheBytes);
      const rows = blocks && gradientSuitsWinograd(info);
      const gradient = rows
        ? correlateRows(scope, scope.blockedImage(x), scope.blockedImage(dy), info, parts)
        : correlate(scope, scope.name(x), scope.name(dy, "channelsFirst"), info, parts);
      return scope.define(outputs[0]!, gradient);
    }
    const operands = [scope.name(x, "channelsFirst"), scope.name(dy, "channelsFirst")] as const;
    const shifts = info.strideHeight === 1 && info.strideWidth === 1 && info.filterHeight * info.filterWidth > 1;
    const parts = shifts
      ? chunks(info, scope.cacheBytes).map((images) => correlateShifted(scope, ...operands, info, images))
      : [correlatePatches(scope, ...operands, info)];
    scope.define(outputs[0]!, parts.reduce((a, b) => scope.builder.node("Add", [a, b])));
  },
};

/**
 * The filter gradient as a convolution over the batch: the stride of the convolution dilates dy, and its dilation is the
 * stride. onnxruntime unfolds the image as it multiplies, in pieces
 * that stay in the cache. So that x and dy do too, parts of the batch are groups of the convolution, whose results are
 * added.
 */
function correlate(scope: Scope, x: Name, dy: Name, info: Geometry, parts: number): Name {
  const { builder } = scope;
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const { filterHeight: height, filterWidth: width } = info;
  const image: Shape4D = [batchSize, inHeight, inWidth, inChannels];
  const gradient: Shape4D = [batchSize, outHeight, outWidth, outChannels];
  const taps = convolveOverBatch(scope, x, image, dy, gradient, parts, correlation(info));
  // Where the image goes on after the last window, so do the taps.
  const cut = slice(scope, taps, [{ axis: 2, begin: 0, end: height }, { axis: 3, begin: 0, end: width }]);
  const ofParts = scope.reshape(cut, [parts, outChannels, height, width, inChannels]);
  const sum = reduce(scope, "ReduceSum", ofParts, [0], false);
  return builder.node("Transpose", [sum], { perm: [1, 2, 3, 0] });
}

/** Whether each pixel of the result is of the one pixel of the image at its place. */
const isOfPixels = ({ filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth }: Geometry): boolean =>
  filterHeight === 1 && filterWidth === 1 && inHeight === outHeight && inWidth === outWidth;

/** The filter gradient as one product per image of x, [in, pixels], with dy, [pixels, out]. */
function correlatePixels(
  scope: Scope,
  x: Value,
  dy: Value,
  { batchSize, inChannels, outChannels, ...info }: Geometry,
): Name {
  const pixels = info.outHeight * info.outWidth;
  const products = scope.builder.node("MatMul", [
    scope.reshape(scope.name(x, "channelsFirst"), [batchSize, inChannels, pixels]),
    scope.reshape(scope.name(dy), [batchSize, pixels, outChannels]),
  ]);
  return scope.reshape(reduce(scope, "ReduceSum", products, [0], false), [1, 1, inChannels, outChannels]);
}

/** The attributes of that convolution. */
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

/** The least number of equal parts of the batch whose x and dy take at most `bytes` each. */
function partsOfBatch({ batchSize, inShape, outShape }: Geometry, bytes: number): number {
  const perImage = (util.sizeFromShape(inShape) + util.sizeFromShape(outShape)) / batchSize * FLOAT_BYTES;
  let parts = 1;
  while (parts < batchSize && (batchSize % parts !== 0 || batchSize / parts * perImage > bytes)) parts++;
  return parts;
}

/** Images `begin` to `end` of a batch. */
interface Images {
  readonly begin: number;
  readonly end: number;
}

/** Parts of the batch whose unfolded copies take about `bytes` each, so that they stay in the cache. */
function chunks({ batchSize, filterWidth, inChannels, inHeight, inWidth }: Geometry, bytes: number): Images[] {
  const count = Math.ceil(batchSize * filterWidth * inChannels * inHeight * inWidth * FLOAT_BYTES / bytes);
  const size = Math.ceil(batchSize / Math.min(batchSize, count));
  return range(Math.ceil(batchSize / size)).map((at) => ({
    begin: at * size,
    end: Math.min(batchSize, (at + 1) * size),
  }));
}

/**
 * The filter gradient as one product per image. With the padded image flattened, p = r width + w, and dy padded to its
 * width,
 *
 *     df[k, l, i, o] = sum over p of x[i, p + l] * dy[o, p - k width]
 *
 * so x is unfolded over the filter's columns and dy over its rows: 3 + 3 copies for a 3x3 filter where unfolding x alone
 * makes 9, and a product whose sides are 3 in and 3 out rather than 9 in and out.
 *
 * A sequence repeated with period n and cut into rows of n + s is the sequence shifted by s more from row to row. So one
 * concatenation of whole images, which copies long runs, does all shifts: rows of length = height width + 1 shift x, of
 * period length - 1, by 1, and dy, of period length + width, by -width. Where x runs into its next copy dy is zero.
 */
function correlateShifted(scope: Scope, x: Name, dy: Name, info: Geometry, { begin, end }: Images): Name {
  const { filterHeight, filterWidth, inChannels, outChannels, inWidth, outHeight, outWidth, padInfo } = info;
  const { top, bottom, left: before, right: after } = padInfo;
  const images = end - begin;
  // Padding by less than nothing cuts the images out.
  const cut: [number, number] = [-begin, end - info.batchSize];
  // The padding before a row is the padding after the row above, where it is wide enough.
  const sides: [number, number] = [before, after <= before ? 0 : after];
  const width = sides[0] + inWidth + sides[1], length = (outHeight + filterHeight - 1) * width + 1;
  const padded = pad(scope, x, [cut, [0, 0], [top, bottom], sides]);
  const flat = scope.reshape(padded, [images, inChannels, length - 1]);
  const columns = concatenate(scope, [
    ...Array(filterWidth).fill(flat),
    zeros(scope, [images, inChannels, filterWidth]),
  ], 2);

  const wide = pad(scope, dy, [cut, [0, 0], [0, 0], [0, width - outWidth]]);
  const flatDy = scope.reshape(wide, [images, outChannels, outHeight * width]);
  const gap = zeros(scope, [images, outChannels, length + width - outHeight * width]);
  const repeated = Array(filterHeight - 1).fill([flatDy, gap]).flat();
  const rows = concatenate(scope, [...repeated, flatDy, zeros(scope, [images, outChannels, 1])], 2);

  const left = scope.reshape(columns, [images, inChannels * filterWidth, length]);
  const right = scope.reshape(rows, [images, outChannels * filterHeight, length]);
  const taps = scope.reshape(productOverImages(scope, left, right), [
    inChannels,
    filterWidth,
    outChannels,
    filterHeight,
  ]);
  return scope.builder.node("Transpose", [taps], { perm: [3, 1, 0, 2] });
}

/** The filter gradient as one product per image of its patches, [taps * in, places], with dy, [out, places]. */
function correlatePatches(scope: Scope, x: Name, dy: Name, info: Geometry): Name {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, batchSize, padInfo } = info;
  const padded = pad(scope, x, [[0, 0], [0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]]);
  const along = (axis: number, tap: number, out: number, stride: number) => ({
    axis,
    begin: tap,
    end: tap + (out - 1) * stride + 1,
    step: stride,
  });
  const patches = range(filterHeight).flatMap((k) =>
    range(filterWidth).map((l) =>
      slice(scope, padded, [along(2, k, outHeight, info.strideHeight), along(3, l, outWidth, info.strideWidth)])
    )
  );
  const places = outHeight * outWidth;
  const left = scope.reshape(concatenate(scope, patches, 1), [batchSize, patches.length * inChannels, places]);
  const right = scope.reshape(dy, [batchSize, outChannels, places]);
  return scope.reshape(productOverImages(scope, left, right), [filterHeight, filterWidth, inChannels, outChannels]);
}

/** The sum over the images of left * right^T, for [batch, m, k] and [batch, n, k]. */
const productOverImages = (scope: Scope, left: Name, right: Name): Name =>
  reduce(scope, "ReduceSum", scope.builder.node("MatMul", [left, transposed(scope, right, 3)]), [0], false);

const zeros = ({ builder }: Scope, shape: readonly number[]): Name =>
  builder.node("Expand", [builder.scalar(0), builder.integers(shape)]);

const range = (length: number) => Array.from({ length }, (_, at) => at);
