/**
 * Padding of images [batch, channels, sides...] by nodes, where no attribute of an ONNX operator can express it: padding that
 * cuts, that is as large as the window, or that depends on a size that is known only when the graph runs.
 *
 * @module
 */
import type { Name } from "../../file/encode.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { extentOf, isUnknown, type Windows } from "./windows.ts";

/** The attributes of an ONNX operator with windows. */
export const windowAttributes = (windows: readonly Windows[]) => ({
  kernel_shape: windows.map(({ taps }) => taps),
  strides: windows.map(({ stride }) => stride),
});

/** The padding in ONNX's order: before each side, after each side. */
export const padsOf = (windows: readonly Windows[]): number[] => [
  ...windows.map(({ before }) => before),
  ...windows.map(({ after }) => after),
];

/**
 * The attribute that pads as the windows do, or undefined if none does. onnxruntime's poolings refuse a stride above the window
 * with padding that it computes.
 */
export function padAttribute(windows: readonly Windows[]) {
  if (!windows.some(({ isComputed }) => isComputed)) {
    return windows.every(({ before, after }) => before >= 0 && after >= 0) ? { pads: padsOf(windows) } : undefined;
  }
  return windows.every((side) => side.stride <= extentOf(side) && side.dilation === 1)
    ? { auto_pad: "SAME_UPPER" }
    : undefined;
}

/** An image with its padding, and the inverse of the padding. */
export interface PaddedImage {
  readonly name: Name;
  /** Cuts an image of the padded size to the size before. */
  unpad(padded: Name): Name;
}

/** Adds the padding of the windows as a node. */
export function padImage(
  scope: LayoutScope,
  image: Name,
  windows: readonly Windows[],
  value: Name = scope.builder.scalar(0),
): PaddedImage {
  if (windows.some(({ isComputed }) => isComputed)) return padComputed(scope, image, windows, value);
  const pads = [[0, 0], ...windows.map(({ before }) => before), [0, 0], ...windows.map(({ after }) => after)].flat();
  if (pads.every((pixels) => pixels === 0)) return { name: image, unpad: (padded) => padded };
  const { builder } = scope;
  return {
    name: builder.node("Pad", [image, builder.integers(pads), value]),
    unpad: (padded) => builder.node("Pad", [padded, builder.integers(pads.map((pixels) => -pixels))]),
  };
}

function padComputed(scope: LayoutScope, image: Name, windows: readonly Windows[], value: Name): PaddedImage {
  const { builder } = scope, { before, after } = computedPads(scope, image, windows);
  const none = builder.integers([0, 0]);
  const pads = builder.node("Concat", [none, before, none, after], { axis: 0 });
  return {
    name: builder.node("Pad", [image, pads, value]),
    unpad: (padded) => builder.node("Pad", [padded, builder.node("Neg", [pads])]),
  };
}

/** The sizes of the sides of an image [batch, channels, sides...], as a list of int64. */
export function sidesOf({ builder }: LayoutScope, image: Name, sides: number): Name {
  const shape = builder.node("Shape", [image]);
  return builder.node("Slice", [shape, builder.integers([2]), builder.integers([2 + sides])]);
}

/** The padding before and after every side as lists of int64; "same" padding of an unknown size is halved, as TensorFlow does. */
export function computedPads(
  scope: LayoutScope,
  image: Name,
  windows: readonly Windows[],
): Readonly<Record<"before" | "after", Name>> {
  const { builder } = scope;
  const list = (of: (side: Windows) => number) => builder.integers(windows.map(of));
  const strides = list(({ stride }) => stride), one = builder.integers([1]);
  const sizes = sidesOf(scope, image, windows.length);
  const counts = builder.node("Div", [builder.node("Add", [sizes, list(({ stride }) => stride - 1)]), strides]);
  const starts = builder.node("Mul", [builder.node("Sub", [counts, one]), strides]);
  const missing = builder.node("Sub", [builder.node("Add", [starts, list(extentOf)]), sizes]);
  const total = builder.node("Max", [missing, builder.integers([0])]);
  const half = builder.node("Div", [total, builder.integers([2])]);
  if (windows.every(({ isComputed }) => isComputed)) return { before: half, after: builder.node("Sub", [total, half]) };
  const computed = builder.constant(Uint8Array.from(windows, ({ isComputed }) => Number(isComputed)), [
    windows.length,
  ], "bool");
  return {
    before: builder.node("Where", [computed, half, list(({ before }) => before)]),
    after: builder.node("Where", [computed, builder.node("Sub", [total, half]), list(({ after }) => after)]),
  };
}

/** True if every size is known. */
export const hasSizes = (windows: readonly Windows[]): boolean => windows.every(({ size }) => !isUnknown(size));
