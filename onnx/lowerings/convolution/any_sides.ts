/**
 * Convolutions and their gradients of images with any number of sides, in groups of channels, with every padding and sizes that
 * are known only when the graph runs. `convolve.ts` and its gradients are faster where they apply.
 *
 *     y[n, o, p]    = sum over i, k of x[n, i, p stride + k dilation - before] * f[o, i, k]
 *     dx[n, i, q]   = sum over o, p, k with p stride + k dilation - before = q of dy[n, o, p] * f[o, i, k]
 *     df[o, i, k]   = sum over n, p of x[n, i, p stride + k dilation - before] * dy[n, o, p]
 *
 * Images are [batch, channels, sides...] and filters [out, in / groups, taps...].
 *
 * @module
 */
import type { Value } from "../../graph/graph.ts";
import type { Name } from "../../file/encode.ts";
import { transposed } from "../transposed.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { concatenate, END, slice } from "../move_elements.ts";
import { reduce } from "../reduction.ts";
import { cutToSides, padAttribute, padImage, windowAttributes } from "../windows/pad_image.ts";
import { extentOf, isUnknown, type Windows } from "../windows/windows.ts";

type Sides = readonly Windows[];

const dilationsOf = (windows: Sides) => windows.map(({ dilation }) => dilation);

/** Adds a convolution. */
export function convolveSides(scope: LayoutScope, image: Name, filter: Name, windows: Sides, group: number): Name {
  const pads = padAttribute(windows);
  const x = pads ? image : padImage(scope, image, windows).name;
  return scope.builder.node("Conv", [x, filter], {
    ...windowAttributes(windows),
    dilations: dilationsOf(windows),
    ...pads,
    group,
  });
}

/** Adds the gradient of a convolution's image. */
export function spreadSides(scope: LayoutScope, dy: Name, filter: Name, windows: Sides, group: number): Name {
  const isFollowed = windows.some((side) => isUnknown(side.size) && (side.isComputed || side.stride > 1));
  return isFollowed ? spreadOver(scope, dy, filter, windows, group) : spreadToEnd(scope, dy, filter, windows, group);
}

/** Adds the gradient where the sizes are known, or no pixel lies behind the last window. */
function spreadToEnd(scope: LayoutScope, dy: Name, filter: Name, windows: Sides, group: number): Name {
  const { builder } = scope, attributes = spreadAttributes(windows), groups = group === 1 ? {} : { group };
  const missing = windows.map(missingPixels), cut = missing.map((pixels) => Math.max(0, -pixels));
  const isExpressible = windows.every(({ before, stride, dilation }, side) =>
    before >= 0 && missing[side]! < Math.max(stride, dilation)
  );
  if (isExpressible) {
    return builder.node("ConvTranspose", [dy, filter], {
      ...attributes,
      pads: [...windows.map(({ before }) => before), ...cut],
      ...groups,
      output_padding: missing.map((pixels) => Math.max(0, pixels)),
    });
  }
  const pads = [[0, 0], ...windows.map(({ before }) => -before), [0, 0], ...missing].flat();
  const spread = builder.node("ConvTranspose", [dy, filter], { ...attributes, ...groups });
  return builder.node("Pad", [spread, builder.integers(pads)]);
}

const spreadAttributes = (windows: Sides) => ({ ...windowAttributes(windows), ...dilated(windows) });

/** Adds the gradient where fewer pixels than a stride, or none, lie behind the last window. */
function spreadOver(scope: LayoutScope, dy: Name, filter: Name, windows: Sides, group: number): Name {
  const { builder } = scope;
  const spread = builder.node("ConvTranspose", [dy, filter], { ...spreadAttributes(windows), group });
  const room = [[0, 0], windows.map(() => 0), [0, 0], windows.map(({ stride }) => stride)].flat();
  return cutToSides(scope, builder.node("Pad", [spread, builder.integers(room)]), windows);
}

const dilated = (windows: Sides) =>
  windows.every(({ dilation }) => dilation === 1) ? {} : { dilations: dilationsOf(windows) };

/** Pixels of the image behind the last window, or fewer than none where the padding has some. */
function missingPixels(side: Windows): number {
  if (isUnknown(side.size)) return -side.after;
  return side.size + side.before - ((side.count - 1) * side.stride + extentOf(side));
}

/** An image and the gradient of its convolution, and how the channels of both belong together. */
export interface FilterGradient {
  readonly x: Name;
  readonly dy: Name;
  readonly dyValue: Value;
  readonly windows: Sides;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** Adds the gradient of a filter, [taps..., in, out] as TensorFlow.js has it. */
export function filterGradient(scope: LayoutScope, call: FilterGradient): Name {
  const { windows, inChannels, outChannels } = call, taps = tapCount(windows);
  const patches = concatenate(scope, patchesOf(scope, call), 1);
  const left = flatten(scope, patches, [taps * inChannels], call);
  const right = flatten(scope, call.dy, [outChannels], call);
  const products = scope.builder.node("MatMul", [left, transposed(scope, right, 3)]);
  const sum = reduce(scope, "ReduceSum", products, [0], false);
  return scope.reshape(sum, [...windows.map(({ taps }) => taps), inChannels, outChannels]);
}

/** Adds the gradient of a filter that convolves every channel apart, [taps..., in, out / in] as TensorFlow.js has it. */
export function depthwiseFilterGradient(scope: LayoutScope, call: FilterGradient): Name {
  const { windows, inChannels, outChannels } = call, taps = tapCount(windows), multiplier = outChannels / inChannels;
  const patches = concatenate(scope, patchesOf(scope, call), 2);
  const left = flatten(scope, patches, [inChannels, taps], call);
  const right = flatten(scope, call.dy, [inChannels, multiplier], call);
  const products = scope.builder.node("MatMul", [left, transposed(scope, right, 4)]);
  const sum = reduce(scope, "ReduceSum", products, [0], false);
  const tapsFirst = scope.builder.node("Transpose", [sum], { perm: [1, 0, 2] });
  return scope.reshape(tapsFirst, [...windows.map(({ taps }) => taps), inChannels, multiplier]);
}

const tapCount = (windows: Sides) => windows.reduce((product, { taps }) => product * taps, 1);

/** Joins the sides of an image and gives its channels a shape; the batch, or the places, may be unknown. */
function flatten(
  scope: LayoutScope,
  image: Name,
  channels: readonly number[],
  { windows, dyValue }: FilterGradient,
): Name {
  const places = windows.reduce((product, { count }) => product * count, 1);
  if (!windows.some(({ count }) => isUnknown(count))) {
    return scope.reshape(image, [dyValue.shape[0]!, ...channels, places]);
  }
  // A size of 0 copies the batch.
  return scope.builder.node("Reshape", [image, scope.builder.integers([0, ...channels, -1])]);
}

/** Adds the pixels of the image that each tap reads, [batch, in, counts...], for every tap. */
function patchesOf(scope: LayoutScope, { x, windows }: FilterGradient): Name[] {
  const { builder } = scope, pixels = pixelsOfTaps(scope, padImage(scope, x, windows).name, windows);
  if (!windows.some(({ count }) => isUnknown(count))) return pixels;
  const axes = builder.integers(windows.map((_, side) => side + 2)), zeros = builder.integers(windows.map(() => 0));
  const counts = scope.sizes.list(windows.map(({ count }) => count));
  return pixels.map((name) => builder.node("Slice", [name, zeros, counts, axes]));
}

/**
 * Adds the pixels of a padded image that each tap reads, [batch, channels, counts...], for every tap; more than the counts where
 * these are unknown.
 */
export const pixelsOfTaps = (scope: LayoutScope, image: Name, windows: Sides): Name[] =>
  tapsOf(windows).map((tap) => {
    const ranges = windows.map(({ stride, dilation, count }, side) => {
      const begin = tap[side]! * dilation;
      const end = isUnknown(count) ? END : begin + Math.max(0, count - 1) * stride + 1;
      return { axis: side + 2, begin, end, step: stride };
    });
    return slice(scope, image, ranges);
  });

/** Lists the places in a window, row by row. */
const tapsOf = (windows: Sides): readonly (readonly number[])[] =>
  windows.reduce<number[][]>(
    (places, { taps }) => places.flatMap((place) => Array.from({ length: taps }, (_, tap) => [...place, tap])),
    [[]],
  );
