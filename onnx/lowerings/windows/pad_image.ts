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
const padsOf = (windows: readonly Windows[]): number[] => [
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
  const { builder } = scope, pads = padsOfImage(scope, windows);
  if (!pads) return { name: image, unpad: (padded) => padded };
  return {
    name: builder.node("Pad", [image, pads, value]),
    unpad: (padded) => unpad(scope, padded, pads),
  };
}

/** Cuts the padding of an image. */
const unpad = ({ builder }: LayoutScope, padded: Name, pads: Name): Name =>
  builder.node("Pad", [padded, builder.node("Neg", [pads])]);

/** The padding of an image [batch, channels, sides...] as ONNX's operator takes it, or undefined if there is none. */
function padsOfImage(scope: LayoutScope, windows: readonly Windows[]): Name | undefined {
  const { builder } = scope;
  if (!windows.some(({ isComputed }) => isComputed)) {
    const pads = [[0, 0], ...windows.map(({ before }) => before), [0, 0], ...windows.map(({ after }) => after)].flat();
    return pads.every((pixels) => pixels === 0) ? undefined : builder.integers(pads);
  }
  const { before, after } = computedPads(scope, windows), none = builder.integers([0, 0]);
  return builder.node("Concat", [none, before, none, after], { axis: 0 });
}

/** Cuts what lies behind the windows, and their padding, from an image that {@linkcode padImage} would pad to its size. */
export function cutToSides(scope: LayoutScope, spread: Name, windows: readonly Windows[]): Name {
  const { builder } = scope, pads = padsOfImage(scope, windows), sides = sizesOf(scope, windows);
  const axes = builder.integers(windows.map((_, side) => side + 2)), starts = builder.integers(windows.map(() => 0));
  const ends = pads ? builder.node("Add", [sides, paddingOfSides(scope, pads, windows.length)]) : sides;
  const padded = builder.node("Slice", [spread, starts, ends, axes]);
  return pads ? unpad(scope, padded, pads) : padded;
}

/** Adds the padding before and after each side. */
function paddingOfSides({ builder }: LayoutScope, pads: Name, sides: number): Name {
  const part = (begin: number) =>
    builder.node("Slice", [pads, builder.integers([begin]), builder.integers([begin + sides])]);
  return builder.node("Add", [part(2), part(sides + 4)]);
}

/** The sizes of the sides of the image that the windows lie in, as a list of int64. */
export const sizesOf = ({ sizes }: LayoutScope, windows: readonly Windows[]): Name =>
  sizes.list(windows.map(({ size }) => size));

/** The padding before and after every side as lists of int64; "same" padding of an unknown size is halved, as TensorFlow does. */
function computedPads(
  scope: LayoutScope,
  windows: readonly Windows[],
): Readonly<Record<"before" | "after", Name>> {
  const { builder } = scope, sides = sizesOf(scope, windows);
  const list = (of: (side: Windows) => number) => builder.integers(windows.map(of));
  const strides = list(({ stride }) => stride), one = builder.integers([1]);
  const counts = builder.node("Div", [builder.node("Add", [sides, list(({ stride }) => stride - 1)]), strides]);
  const starts = builder.node("Mul", [builder.node("Sub", [counts, one]), strides]);
  const missing = builder.node("Sub", [builder.node("Add", [starts, list(extentOf)]), sides]);
  const total = builder.node("Max", [missing, builder.integers([0])]);
  const half = builder.node("Div", [total, builder.integers([2])]);
  const rest = builder.node("Sub", [total, half]);
  if (windows.every(({ isComputed }) => isComputed)) return { before: half, after: rest };
  const flags = Uint8Array.from(windows, ({ isComputed }) => Number(isComputed));
  const isComputed = builder.constant(flags, [windows.length], "bool");
  return {
    before: builder.node("Where", [isComputed, half, list(({ before }) => before)]),
    after: builder.node("Where", [isComputed, rest, list(({ after }) => after)]),
  };
}

/** True if every size is known. */
export const hasSizes = (windows: readonly Windows[]): boolean => windows.every(({ size }) => !isUnknown(size));
