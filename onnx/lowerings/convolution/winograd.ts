/**
 * Winograd's convolutions of 3 x 3, along the rows of an image, which take half as many products. For four rows of the result,
 * or of the image in the gradient of a filter, they multiply six linear combinations of rows instead of twelve pairs of rows,
 *
 *     y  = A^T [ (G f)  * (B^T x) ]       y:  4 rows,   x: 6 rows,   f:  3 rows of the filter
 *     df = A'^T [ (G' x) * (B^T dy) ]     x: 4 rows,   dy: 6 rows,   df: 3 rows of the filter's gradient, turned
 *
 * where * multiplies row by row, each product a convolution along the columns. The matrices evaluate polynomials at the points
 * 0, 1, -1, 1/2, -1/2 and infinity, and interpolate them; their combinations are passes over quarters of an image, for
 * which onnxruntime's blocked convolutions of one channel each are fast. Rounding is about twice that of the plain sum.
 *
 * A. Lavin, S. Gray: Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
 *
 * @module
 */
import { BLOCKED } from "../../file/domains.ts";
import type { LayoutScope } from "../layout_scope.ts";
import type { Name } from "../../file/encode.ts";
import { type Geometry, pads, type Shape4D } from "./geometry.ts";
import { convolveOverBatch } from "./convolve_over_batch.ts";
import { interleaveRows } from "./interleave.ts";
import { concatenate, END, slice } from "../move_elements.ts";
import { sumOfBlocked } from "./sum_of_blocked.ts";

/** Rows of an image that are convolved together. */
const TILE = 4;

/** B^T: a row for every product, of six rows of an image of which the first is the padding before a tile. */
const IMAGE = [
  [1, 0, -5, 0, 4, 0],
  [0, -1 / 6, -1 / 6, 2 / 3, 2 / 3, 0],
  [0, 1 / 6, -1 / 6, -2 / 3, 2 / 3, 0],
  [0, 4 / 3, 8 / 3, -4 / 3, -8 / 3, 0],
  [0, -4 / 3, 8 / 3, 4 / 3, -8 / 3, 0],
  [0, 1 / 4, 0, -5 / 4, 0, 1],
];

/** G: a row for every product, of the three rows of a filter. */
const KERNEL = [
  [1, 0, 0],
  [1, 1, 1],
  [1, -1, 1],
  [1, 1 / 2, 1 / 4],
  [1, -1 / 2, 1 / 4],
  [0, 0, 1],
];

/** G': a row for every product, of the four rows of a tile. */
const TILES = [
  [1, 0, 0, 0],
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 1 / 2, 1 / 4, 1 / 8],
  [1, -1 / 2, 1 / 4, -1 / 8],
  [0, 0, 0, 1],
];

/** A'^T: a row for every row of the filter. */
const FILTER = [
  [1, 1, 1, 1, 1, 0],
  [0, 1, -1, 1 / 2, -1 / 2, 0],
  [0, 1, 1, 1 / 4, 1 / 4, 1],
];

const PRODUCTS = IMAGE.length;

/** Channels from which the products saved outweigh the passes. */
const CHANNELS = 64;
/** The same for the gradients of filters, where blocks are of 16 channels: products of narrower blocks gain less. */
const WIDE_BLOCK = 16, WIDE_BLOCK_GRADIENT_CHANNELS = 32;

/** True if a convolution between blocked images is faster in this way. */
export const suitsWinograd = (info: Geometry): boolean =>
  canTile(info) && Math.min(info.inChannels, info.outChannels) >= CHANNELS;

/** True if the gradient of the filter of a convolution between blocked images is faster in this way. */
export const gradientSuitsWinograd = (info: Geometry, block: number): boolean =>
  canTile(info) &&
  Math.min(info.inChannels, info.outChannels) >= (block >= WIDE_BLOCK ? WIDE_BLOCK_GRADIENT_CHANNELS : CHANNELS);

/** True if the filter is 3 x 3, the padding 1, and the rows can be cut into tiles. */
function canTile(info: Geometry): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info;
  const ones = [strideHeight, strideWidth, dilationHeight, dilationWidth];
  return filterHeight === 3 && filterWidth === 3 && [...ones, ...pads(info)].every((size) => size === 1) &&
    info.inHeight % TILE === 0;
}

/**
 * Sums convolutions of blocked images, [batch, channels, height, width], with filters, [height, out, in, width] in blocks of in
 * and out. The terms are summed as products, before the matrix A^T.
 */
export function convolveRows(
  scope: LayoutScope,
  terms: readonly { readonly image: Name; readonly filter: Name }[],
  shape: Shape4D,
  filters: number,
): Name {
  const { builder } = scope, block = scope.block!;
  const [batch, channels, height, width] = shape;
  const add = (a: Name, b: Name) => builder.node("Add", [a, b]);
  const subtract = (a: Name, b: Name) => builder.node("Sub", [a, b]);
  // a * scale + addend
  const combine = (a: Name, scale: number, addend: Name) => weigh(scope, a, filters, { taps: [scale] }, addend);

  // The elements of a filter as pixels of a single block.
  const kernel: Shape4D = [1, block, 3, filters * channels * 3 / block];
  const operands = terms.map(({ image, filter }) => {
    const taps = combinations(scope, scope.reshape(filter, kernel), kernel, KERNEL, 0);
    return combinations(scope, image, shape, IMAGE, 1).map((rows, at) =>
      [rows, scope.reshape(taps[at]!, [filters, channels, 1, 3])] as const
    );
  });
  const product = (at: number, addend?: Name) =>
    sumOfBlocked(scope, operands.map((pairs) => pairs[at]!), { kernel_shape: [1, 3], pads: [0, 1, 0, 1] }, addend);

  // A^T, whose columns of 1 and -1, and of 1/2 and -1/2, share sums and differences.
  const [a, b, c, d] = [product(1), product(2), product(3), product(4)];
  const even = add(a, b), odd = subtract(a, b), evenHalf = add(c, d), oddHalf = subtract(c, d);
  const results = [
    product(0, add(even, evenHalf)),
    combine(oddHalf, 1 / 2, odd),
    combine(evenHalf, 1 / 4, even),
    product(5, combine(oddHalf, 1 / 8, odd)),
  ];
  return interleaveRows(scope, results, [batch, filters, height / TILE, width]);
}

/**
 * Adds the gradient, [3, 3, in, out], of a convolution's filter. `image` and `dy` are blocked, [batch, channels, height, width].
 * Every product is a convolution over the batch.
 *
 * It combines six rows of dy and four of the image, as if the two were exchanged: the gradient of the image reads the same
 * combinations of dy. This makes the filter turned by 180 degrees, with its channels exchanged:
 *
 *     df[k] = sum over p of x[p + k - 1] dy[p] = sum over q of dy[q + (2 - k) - 1] x[q]
 */
export function correlateRows(scope: LayoutScope, image: Name, dy: Name, info: Geometry, parts: number): Name {
  const { builder } = scope;
  const { batchSize, inHeight, inWidth, inChannels, outChannels } = info;
  const height = inHeight / TILE;
  const rows = combinations(scope, dy, [batchSize, outChannels, inHeight, inWidth], IMAGE, 1);
  const tiles = combinations(scope, image, [batchSize, inChannels, inHeight, inWidth], TILES, 0);
  const products = rows.map((row, at) => {
    const natural = builder.node("ReorderOutput", [row], { channels: outChannels, channels_last: 1 }, BLOCKED);
    const plain = builder.node("ReorderOutput", [tiles[at]!], { channels: inChannels }, BLOCKED);
    const ofRows: Shape4D = [batchSize, height, inWidth, outChannels];
    const ofTiles: Shape4D = [batchSize, height, inWidth, inChannels];
    const taps = convolveOverBatch(scope, natural, ofRows, plain, ofTiles, parts, { pads: [0, 1, 0, 0, 1, 0] });
    return scope.reshape(taps, [parts, inChannels * 3 * outChannels]);
  });
  const matrix = FILTER.toReversed().flatMap((row) => row.flatMap((weight) => Array<number>(parts).fill(weight)));
  const interpolation = builder.constant(Float32Array.from(matrix), [3, PRODUCTS * parts], "float32");
  const sums = builder.node("MatMul", [interpolation, concatenate(scope, products, 0)]);
  const taps = scope.reshape(sums, [3, inChannels, 3, outChannels]);
  const turned = slice(scope, taps, [{ axis: 2, begin: -1, end: -END, step: -1 }]);
  return builder.node("Transpose", [turned], { perm: [0, 2, 1, 3] });
}

/** Adds a quarter of an image for every row of `matrix`, which weighs the rows of a tile and `before` rows above it. */
function combinations(
  scope: LayoutScope,
  image: Name,
  [, channels, height]: Shape4D,
  matrix: readonly (readonly number[])[],
  before: number,
): Name[] {
  return matrix.map((weights) => {
    const first = Math.min(before, weights.findIndex((weight) => weight !== 0));
    const span = weights.slice(first, weights.findLastIndex((weight) => weight !== 0) + 1);
    const dilation = [3, 2, 1].find((step) => span.every((weight, at) => weight === 0 || at % step === 0))!;
    const taps = span.filter((_, at) => at % dilation === 0);
    const tile = Math.min(TILE, height), above = before - first, below = Math.max(0, span.length - above - tile);
    return weigh(scope, image, channels, { taps, dilation, pads: [above, 0, below, 0], stride: tile });
  });
}

interface Weights {
  readonly taps: readonly number[];
  readonly dilation?: number;
  readonly stride?: number;
  readonly pads?: readonly number[];
}

/** Adds weighted sums of rows, plus another image: a blocked convolution of each channel by itself. */
function weigh(
  scope: LayoutScope,
  image: Name,
  channels: number,
  { taps, dilation = 1, stride = 1, pads = [0, 0, 0, 0] }: Weights,
  addend?: Name,
): Name {
  const { builder, block } = scope;
  const perBlock = taps.flatMap((tap) => Array<number>(block!).fill(tap));
  const filter = Float32Array.from({ length: channels * taps.length }, (_, at) => perBlock[at % perBlock.length]!);
  const operands = [image, builder.constant(filter, [channels, 1, taps.length, 1], "float32")];
  return builder.node("Conv", addend ? [...operands, "", addend] : operands, {
    kernel_shape: [taps.length, 1],
    dilations: [dilation, 1],
    strides: [stride, 1],
    pads,
    group: channels,
  }, BLOCKED);
}
