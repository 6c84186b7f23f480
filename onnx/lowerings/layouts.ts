/**
 * The orders in which the elements of an image, [batch, height, width, channels] in TensorFlow.js, lie in memory.
 *
 *     natural        [batch, height, width, channels]
 *     channelsFirst  [batch, channels, height, width], ONNX's own
 *     blocked        [batch, channels / block, height, width, block], for onnxruntime's fast convolutions
 *
 * @module
 */

/** An order of the elements of an image. */
export type Layout = "natural" | "channelsFirst" | "blocked";

/** The axes of each layout that hold the natural axes 0 to 3. */
const AXES: Readonly<Record<Layout, readonly (readonly number[])[]>> = {
  natural: [[0], [1], [2], [3]],
  channelsFirst: [[0], [2], [3], [1]],
  blocked: [[0], [2], [3], [1, 4]],
};

/** The axes of a layout that hold a natural axis. */
export const axesIn = (layout: Layout, axis: number): readonly number[] => AXES[layout][axis] ?? [axis];

/** The axis of a layout along which parts of a natural axis are joined; blocked channels are joined in whole blocks. */
export const axisIn = (layout: Layout, axis: number): number => axesIn(layout, axis)[0]!;

/** Reorders per-axis values into a layout; blocked layouts append the inner channels' value. */
export function permuteTo<T>(layout: Layout, perAxis: readonly T[], inner: T): readonly T[] {
  if (layout === "natural") return perAxis;
  const [batch, height, width, channels] = perAxis as [T, T, T, T];
  return layout === "channelsFirst" ? [batch, channels, height, width] : [batch, channels, height, width, inner];
}

/** The shape in a layout of an image, or of an operand that broadcasts to one. */
export function shapeIn(layout: Layout, shape: readonly number[], block: number): readonly number[] {
  const channels = shape[3]!;
  if (layout !== "blocked" || channels === 1) return permuteTo(layout, shape, 1);
  return permuteTo(layout, shape.with(3, channels / block), block);
}

/** True if every layout orders an image's elements alike: the image has one pixel, or one channel. */
export const isSameInEveryLayout = ([, height, width, channels]: readonly number[]): boolean =>
  (height === 1 && width === 1) || channels === 1;
