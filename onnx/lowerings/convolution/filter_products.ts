/**
 * The gradient of a convolution's filter as products of matrices, which are fast on every device.
 *
 * @module
 */
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import type { Name } from "../../file/encode.ts";
import { FLOAT_BYTES, type Geometry } from "./geometry.ts";
import { transposed } from "../transposed.ts";
import { concatenate, pad, type Padding, slice } from "../move_elements.ts";
import { reduce } from "../reduction.ts";

/** Adds the gradient in the way that copies least for the geometry. */
export function gradientProducts(scope: LayoutScope, x: Value, dy: Value, info: Geometry): Name {
  const operands = [scope.name(x, "channelsFirst"), scope.name(dy, "channelsFirst")] as const;
  const { strideHeight, strideWidth, filterHeight, filterWidth } = info;
  const shifts = strideHeight === 1 && strideWidth === 1 && filterHeight * filterWidth > 1;
  if (!shifts) return correlatePatches(scope, ...operands, info);
  const parts = chunks(info, scope.cacheBytes).map((images) => correlateShifted(scope, ...operands, info, images));
  return parts.reduce((a, b) => scope.builder.node("Add", [a, b]));
}

/** True if each pixel of the result depends on the pixel of the image at the same place only. */
export const isOfPixels = ({ filterHeight, filterWidth, inHeight, inWidth, outHeight, outWidth }: Geometry): boolean =>
  filterHeight === 1 && filterWidth === 1 && inHeight === outHeight && inWidth === outWidth;

/** Adds the gradient of a filter of single pixels as one product per image of x, [in, pixels], with dy, [pixels, out]. */
export function pixelProducts(
  scope: LayoutScope,
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

/** Images `begin` to `end` of a batch. */
interface Images {
  readonly begin: number;
  readonly end: number;
}

/** Divides the batch into parts whose unfolded copies take about `bytes` each, so that they stay in the cache. */
function chunks({ batchSize, filterWidth, inChannels, inHeight, inWidth }: Geometry, bytes: number): Images[] {
  const count = Math.ceil(batchSize * filterWidth * inChannels * inHeight * inWidth * FLOAT_BYTES / bytes);
  const size = Math.ceil(batchSize / Math.min(batchSize, count));
  return range(Math.ceil(batchSize / size)).map((at) => ({
    begin: at * size,
    end: Math.min(batchSize, (at + 1) * size),
  }));
}

/**
 * Adds the gradient as one product per image. With the padded image flattened, p = r width + w, and dy padded to its width,
 *
 *     df[k, l, i, o] = sum over p of x[i, p + l] * dy[o, p - k width]
 *
 * so x is unfolded over the filter's columns and dy over its rows: 3 + 3 copies for a 3x3 filter where unfolding x alone
 * makes 9, and a product whose sides are 3 in and 3 out rather than 9 in and out.
 */
function correlateShifted(scope: LayoutScope, x: Name, dy: Name, info: Geometry, { begin, end }: Images): Name {
  const { filterHeight, filterWidth, inChannels, outChannels, inWidth, outHeight, padInfo } = info;
  // The padding before a row is the padding after the row above, where it is wide enough.
  const sides: readonly [number, number] = [padInfo.left, padInfo.right <= padInfo.left ? 0 : padInfo.right];
  const width = sides[0] + inWidth + sides[1], length = (outHeight + filterHeight - 1) * width + 1;
  // Negative padding cuts the images out.
  const part: Part = { images: end - begin, cut: [-begin, end - info.batchSize], width, length };
  const columns = shiftedColumns(
    scope,
    pad(scope, x, [part.cut, [0, 0], [padInfo.top, padInfo.bottom], sides]),
    info,
    part,
  );
  const rows = shiftedRows(scope, dy, info, part);
  const left = scope.reshape(columns, [part.images, inChannels * filterWidth, length]);
  const right = scope.reshape(rows, [part.images, outChannels * filterHeight, length]);
  const shape = [inChannels, filterWidth, outChannels, filterHeight];
  const taps = scope.reshape(productOverImages(scope, left, right), shape);
  return scope.builder.node("Transpose", [taps], { perm: [3, 1, 0, 2] });
}

/** The images of {@linkcode correlateShifted}, and the width and length of the padded image that is flattened. */
interface Part {
  readonly images: number;
  readonly cut: Padding;
  readonly width: number;
  readonly length: number;
}

/**
 * Shifts the flattened image by 1 more from row to row. A sequence repeated with period n and cut into rows of n + s is the
 * sequence shifted by s more from row to row. So one concatenation of whole images, which copies long runs, makes all shifts:
 * here rows of `length` and the period `length - 1`.
 */
function shiftedColumns(scope: LayoutScope, padded: Name, { inChannels, filterWidth }: Geometry, part: Part): Name {
  const { images, length } = part;
  const flat = scope.reshape(padded, [images, inChannels, length - 1]);
  const end = zeros(scope, [images, inChannels, filterWidth]);
  return concatenate(scope, [...Array(filterWidth).fill(flat), end], 2);
}

/** Shifts the flattened dy by -width more from row to row: the period is `length + width`. It is zero where x repeats. */
function shiftedRows(scope: LayoutScope, dy: Name, info: Geometry, { images, cut, width, length }: Part): Name {
  const { outChannels, outHeight, outWidth, filterHeight } = info;
  const wide = pad(scope, dy, [cut, [0, 0], [0, 0], [0, width - outWidth]]);
  const flat = scope.reshape(wide, [images, outChannels, outHeight * width]);
  const gap = zeros(scope, [images, outChannels, length + width - outHeight * width]);
  const repeated = Array(filterHeight - 1).fill([flat, gap]).flat();
  return concatenate(scope, [...repeated, flat, zeros(scope, [images, outChannels, 1])], 2);
}

/** Adds the gradient as one product per image of its patches, [taps * in, places], with dy, [out, places]. */
function correlatePatches(scope: LayoutScope, x: Name, dy: Name, info: Geometry): Name {
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

/** Sums left * right^T over the images, for [batch, m, k] and [batch, n, k]. */
const productOverImages = (scope: LayoutScope, left: Name, right: Name): Name =>
  reduce(scope, "ReduceSum", scope.builder.node("MatMul", [left, transposed(scope, right, 3)]), [0], false);

const zeros = ({ builder }: LayoutScope, shape: readonly number[]): Name =>
  builder.node("Expand", [builder.scalar(0), builder.integers(shape)]);

const range = (length: number) => Array.from({ length }, (_, at) => at);
