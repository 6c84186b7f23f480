/**
 * Where the windows of a convolution lie.
 *
 * @module
 */
import { backend_util, type Conv2DAttrs } from "@tensorflow/tfjs";
import { TraceError } from "../../graph/trace_error.ts";
import { toNhwc } from "../windows/channels_first.ts";
import { type Pad, perSide, type Windows, windowsOf } from "../windows/windows.ts";
import { callersOf } from "../../trace/tensorflow_kernels.ts";

export type Shape4D = [number, number, number, number];
export type Geometry = backend_util.Conv2DInfo;

export const FLOAT_BYTES = 4;

/** The attributes that convolutions and their gradients share. */
export type WindowAttributes =
  & Pick<Conv2DAttrs, "strides" | "pad" | "dimRoundingMode">
  & Partial<Pick<Conv2DAttrs, "dilations" | "dataFormat">>;

/**
 * Computes the windows of a kernel along the height and the width.
 *
 * @param image [batch, height, width, channels]
 * @param filter [height, width, ...]
 */
export function windows2d(
  kernel: string,
  image: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode, dilations, dataFormat }: WindowAttributes,
): readonly Windows[] {
  return windowsOf({
    kernel,
    sizes: image.slice(1, 3),
    taps: filter.slice(0, 2),
    strides: perSide(strides, 2),
    dilations: perSide(dilations ?? 1, 2),
    pad: typeof pad === "object" ? toNhwc(pad, dataFormat) as Pad : pad,
    rounding: dimRoundingMode,
  });
}

/** Computes the sizes, strides and padding of a kernel of an image [batch, height, width, channels] of known size. */
export function geometry(
  image: readonly number[],
  filter: readonly number[],
  windows: readonly Windows[],
): Geometry {
  const [rows, columns] = windows as [Windows, Windows];
  const pad = [[0, 0], [rows.before, rows.after], [columns.before, columns.after], [0, 0]] as const;
  return backend_util.computeConv2DInfo(
    [...image] as Shape4D,
    [...filter] as Shape4D,
    [rows.stride, columns.stride],
    [rows.dilation, columns.dilation],
    pad.map((sides) => [...sides]) as backend_util.ExplicitPadding,
    "floor",
  );
}

/** The padding in ONNX's order: top, left, bottom, right. */
export const pads = ({ padInfo: { top, left, bottom, right } }: Geometry): number[] => [top, left, bottom, right];

/** @throws {TraceError} if a gradient has dilations, which TensorFlow.js's gradients ignore */
export function requireNoDilation(kernel: string, dilations: number | readonly number[] | null | undefined): void {
  if (perSide(dilations ?? 1, 2).every((dilation) => dilation === 1)) return;
  throw new TraceError(`${callersOf(kernel)} has dilations ${dilations}, which TensorFlow.js ignores; use dilation 1`);
}
