/**
 * The windows of poolings of images with two or three sides.
 *
 * @module
 */
import { convolveSides } from "../convolution/any_sides.ts";
import type { LayoutScope } from "../layout_scope.ts";
import type { Name } from "../../file/encode.ts";
import { type Range, slice } from "../move_elements.ts";
import { hasSizes } from "../windows/pad_image.ts";
import { extentOf, isUnknown, type Pad, perSide, type Rounding, type Windows, windowsOf } from "../windows/windows.ts";

/** The attributes that poolings and their gradients share. */
export interface PoolAttributes {
  readonly filterSize: number | readonly number[];
  readonly strides: number | readonly number[];
  readonly pad: Pad;
  readonly dimRoundingMode?: Rounding;
}

/** Computes the windows of a pooling of an image [batch, sides..., channels]. */
export function poolWindows(
  kernel: string,
  image: readonly number[],
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): readonly Windows[] {
  const sizes = image.slice(1, -1), sides = sizes.length;
  return windowsOf({
    kernel,
    sizes,
    taps: perSide(filterSize, sides),
    strides: perSide(strides, sides),
    dilations: perSide(1, sides),
    pad,
    rounding: dimRoundingMode,
  });
}

/**
 * True if TensorFlow.js returns the image itself although a stride is above 1: the windows are single pixels, and with a numeric
 * padding it counts as many of them as the image has pixels.
 */
export const isIdentity = (windows: readonly Windows[]): boolean =>
  windows.length === 2 && hasSizes(windows) && windows.every(({ taps, count, size }) => taps === 1 && count === size) &&
  windows.some(({ stride }) => stride > 1);

/** True if the windows are the pixels of an image with two sides, whose maxima TensorFlow.js does not look for. */
export const isEveryPixel = (windows: readonly Windows[]): boolean =>
  windows.length === 2 &&
  windows.every(({ taps, stride, before, after }) => taps === 1 && stride === 1 && before === 0 && after === 0);

/** Cuts the window that onnxruntime's poolings find in images of unknown sides that are smaller than a window. */
export function cutToCounts(scope: LayoutScope, pooled: Name, windows: readonly Windows[]): Name {
  const { sizes } = scope;
  const ranges = windows.flatMap((side, at): Range[] => {
    const { size, before, after, stride, isComputed } = side;
    if (!isUnknown(size) || isComputed || stride === 1) return [];
    const room = sizes.add(sizes.of(size), before + after - extentOf(side) + stride);
    return [{ axis: at + 2, begin: 0, end: sizes.divide(room, stride) }];
  });
  return slice(scope, pooled, ranges);
}

/** The number of pixels of the image in each window, [1, 1, counts...]. */
export const coverage = (scope: LayoutScope, windows: readonly Windows[]): Name =>
  hasSizes(windows) ? knownCoverage(scope, windows) : countedCoverage(scope, windows);

function knownCoverage({ builder }: LayoutScope, windows: readonly Windows[]): Name {
  const along = ({ count, stride, before, taps, size }: Windows) =>
    Array.from({ length: count }, (_, at) => {
      const begin = at * stride - before;
      return Math.max(0, Math.min(begin + taps, size) - Math.max(begin, 0));
    });
  const counts = windows.map(along).reduce((outer, side) => outer.flatMap((a) => side.map((b) => a * b)), [1]);
  return builder.constant(Float32Array.from(counts), [1, 1, ...windows.map(({ count }) => count)], "float32");
}

/** Counts by sums of ones, where sizes are unknown. */
function countedCoverage(scope: LayoutScope, windows: readonly Windows[]): Name {
  const { builder } = scope, shape = scope.sizes.list([1, 1, ...windows.map(({ size }) => size)]);
  return windowSums(scope, builder.node("Expand", [builder.scalar(1), shape]), windows, 1);
}

/** The sums over the windows of each channel, a convolution. onnxruntime would move large padding into an average. */
export const windowSums = (scope: LayoutScope, image: Name, windows: readonly Windows[], channels: number): Name =>
  convolveSides(scope, image, onesOf(scope, windows, channels), windows, channels);

/** A filter of ones for every channel. */
export function onesOf({ builder }: LayoutScope, windows: readonly Windows[], channels: number): Name {
  const taps = windows.map(({ taps }) => taps), count = taps.reduce((product, side) => product * side, channels);
  return builder.constant(new Float32Array(count).fill(1), [channels, 1, ...taps], "float32");
}
