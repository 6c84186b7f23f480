/**
 * Where the windows of convolutions and poolings lie along each side of an image:
 *
 *     first pixel of window j = j stride - before,   extent = (taps - 1) dilation + 1
 *
 * @module
 */
import { DYNAMIC, isDynamic as isUnknown } from "../../graph/graph.ts";
import { TraceError } from "../../graph/trace_error.ts";
import { callersOf } from "../../trace/tensorflow_kernels.ts";

export { isUnknown };

/** The windows along one side. */
export interface Windows {
  /** Pixels of the image, or `DYNAMIC`. */
  readonly size: number;
  /** Number of windows, or `DYNAMIC`. */
  readonly count: number;
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
  /** Pixels to add before and after the image; negative numbers cut. */
  readonly before: number;
  readonly after: number;
  /** True if the padding depends on a size that is known only when the graph runs; `before` and `after` are 0 then. */
  readonly isComputed: boolean;
}

/** Padding as TensorFlow.js's kernels name it; a list is that of every axis of [batch, sides..., channels]. */
export type Pad = "same" | "valid" | number | readonly (readonly number[])[];

/** How sizes that are no whole number of strides are rounded. */
export type Rounding = "floor" | "round" | "ceil" | null | undefined;

/** The attributes of a kernel that determine its windows, with one number for each side. */
export interface WindowRules {
  readonly kernel: string;
  readonly sizes: readonly number[];
  readonly taps: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pad: Pad;
  readonly rounding?: Rounding;
}

export const extentOf = ({ taps, dilation }: Pick<Windows, "taps" | "dilation">): number => (taps - 1) * dilation + 1;

/** Repeats a number for every side. */
export const perSide = (numbers: number | readonly number[], sides: number): readonly number[] =>
  typeof numbers === "number" ? Array(sides).fill(numbers) : numbers.slice(0, sides);

/**
 * Computes the windows along every side.
 *
 * @throws {TraceError} if no window fits, if a window's size is unknown, or if the padding of an unknown size has no formula
 */
export function windowsOf(rules: WindowRules): readonly Windows[] {
  if (rules.taps.some(isUnknown)) {
    throw new TraceError(`${callersOf(rules.kernel)} has a filter of unknown height or width; fix these dimensions`);
  }
  return rules.sizes.map((size, side) => {
    const windows = { size, taps: rules.taps[side]!, stride: rules.strides[side]!, dilation: rules.dilations[side]! };
    const placed = { ...windows, ...place(windows, side, rules) };
    if (isUnknown(size) || placed.count >= 0) return placed;
    throw new TraceError(
      `${callersOf(rules.kernel)} has windows of ${
        extentOf(windows)
      } pixels, but the image has ${size}; make them smaller`,
    );
  });
}

type Side = Pick<Windows, "size" | "taps" | "stride" | "dilation">;
type Place = Pick<Windows, "count" | "before" | "after" | "isComputed">;

function place(windows: Side, side: number, rules: WindowRules): Place {
  if (rules.pad === "same") return placeSame(windows, rules);
  if (rules.pad === "valid" && rules.sizes.length === 2) return placeValid(windows);
  return placePadded(windows, side, rules);
}

function placeSame(windows: Side, { kernel, sizes }: WindowRules): Place {
  const { size, stride } = windows, extent = extentOf(windows), isFlat = sizes.length === 2;
  if (isUnknown(size) && stride > 1) {
    if (!isFlat && stride > extent) {
      throw new TraceError(`${callersOf(kernel)} of an unknown size has a stride above its window; fix the sizes`);
    }
    return { count: DYNAMIC, before: 0, after: 0, isComputed: true };
  }
  const count = isUnknown(size) ? DYNAMIC : Math.ceil(size / stride);
  const missing = isUnknown(size) ? extent - 1 : (count - 1) * stride + extent - size;
  // In three dimensions TensorFlow.js cuts what a stride above the window leaves over from both ends.
  const total = isFlat ? Math.max(0, missing) : missing, before = Math.floor(total / 2);
  return { count, before, after: total - before, isComputed: false };
}

function placeValid(windows: Side): Place {
  const { size, stride } = windows;
  const count = isUnknown(size) ? DYNAMIC : Math.ceil((size - extentOf(windows) + 1) / stride);
  return { count, before: 0, after: 0, isComputed: false };
}

/** Pads by numbers, and rounds the number of windows. */
function placePadded(windows: Side, side: number, rules: WindowRules): Place {
  const { size, stride } = windows, { pad, rounding, kernel } = rules, isFlat = rules.sizes.length === 2;
  const [before, after] = paddingOf(pad, side), extent = extentOf(windows);
  const counted = countedAs(windows, rules);
  if (isUnknown(size)) {
    if (counted.stride !== stride) {
      throw new TraceError(
        `${callersOf(kernel)} pads an unknown size by a number, with unequal strides; pad by "same" or "valid"`,
      );
    }
    const more = extent - counted.extent + roundingPixels(stride, rounding);
    return { count: DYNAMIC, before, after: after + more, isComputed: false };
  }
  const count = Math.max(
    rounded((size - counted.extent + before + after) / counted.stride + 1, rounding),
    isFlat ? -1 : 0,
  );
  return { count, before, after: padded(windows, count, before, after), isComputed: false };
}

/** TensorFlow.js counts the columns of images that are padded by a number as if windows and strides were those of the rows. */
function countedAs(windows: Side, { pad, sizes, taps, strides, dilations }: WindowRules) {
  if (typeof pad !== "number" || sizes.length !== 2) return { extent: extentOf(windows), stride: windows.stride };
  return { extent: extentOf({ taps: taps[0]!, dilation: dilations[0]! }), stride: strides[0]! };
}

function paddingOf(pad: Pad, side: number): readonly [number, number] {
  if (typeof pad === "number") return [pad, pad];
  return typeof pad === "string" ? [0, 0] : [pad[side + 1]![0]!, pad[side + 1]![1]!];
}

/** Keeps the padding after the image if it makes `count` windows, and pads or cuts up to the last of them otherwise. */
function padded(windows: Side, count: number, before: number, after: number): number {
  const { size, stride } = windows, extent = extentOf(windows);
  const isKept = Math.floor((size + before + after - extent) / stride) + 1 === count;
  return isKept ? after : (count - 1) * stride + extent - size - before;
}

const rounded = (count: number, rounding: Rounding): number => {
  if (rounding === "ceil") return Math.ceil(count);
  return rounding === "round" ? Math.round(count) : Math.trunc(count);
};

/** Pixels that, added after an image, let the number of windows be rounded down. */
function roundingPixels(stride: number, rounding: Rounding): number {
  if (rounding === "ceil") return stride - 1;
  return rounding === "round" ? Math.floor(stride / 2) : 0;
}

/** The same windows, as many as a gradient has. TensorFlow.js's gradients do not know how the forward kernel rounded. */
export const withCounts = (windows: readonly Windows[], counts: readonly number[]): readonly Windows[] =>
  windows.map((side, at) => {
    const count = counts[at]!;
    if (isUnknown(side.size) || side.count === count) return { ...side, count };
    return { ...side, count, after: padded(side, count, side.before, side.after) };
  });

/** True if the sizes and the padding are known, and ONNX's attribute can express the padding. */
export const isPlain = (windows: readonly Windows[]): boolean =>
  windows.every((side) => !isUnknown(side.size) && !side.isComputed && side.before >= 0 && side.after >= 0);

/** True if each padding is smaller than the window, as ONNX's poolings and transposed convolutions need it. */
export const isPaddedBelowExtent = (windows: readonly Windows[]): boolean =>
  windows.every((side) => side.before < extentOf(side) && side.after < extentOf(side));

/** The sizes of the result: batch, counts, channels. */
export const resultShape = (batch: number, windows: readonly Windows[], channels: number): number[] => [
  batch,
  ...windows.map(({ count }) => count),
  channels,
];
