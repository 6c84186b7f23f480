/**
 * Where the windows of a convolution lie.
 *
 * @module
 */
import { backend_util, type Conv2DAttrs } from "@tensorflow/tfjs";
import { TraceError } from "../../graph/trace_error.ts";

export type Shape4D = [number, number, number, number];
export type Geometry = backend_util.Conv2DInfo;

export const FLOAT_BYTES = 4;

/** The attributes that convolutions and their gradients share. */
export type WindowAttributes =
  & Pick<Conv2DAttrs, "strides" | "pad" | "dimRoundingMode">
  & Partial<Pick<Conv2DAttrs, "dilations" | "dataFormat">>;

/**
 * Computes the sizes, strides and padding of a kernel.
 *
 * @throws {TraceError} if images are [batch, channels, height, width], or sizes are not rounded down
 */
export function geometry(
  kernel: string,
  input: readonly number[],
  filter: readonly number[],
  { strides, pad, dimRoundingMode, dilations = 1, dataFormat = "NHWC" }: WindowAttributes,
): Geometry {
  if (dataFormat !== "NHWC") {
    throw new TraceError(`kernel ${kernel} has data format ${dataFormat}; it can be traced with NHWC`);
  }
  requireFloor(kernel, dimRoundingMode);
  const [image, window] = [[...input] as Shape4D, [...filter] as Shape4D];
  return backend_util.computeConv2DInfo(image, window, strides, dilations, pad, dimRoundingMode);
}

/** @throws {TraceError} if the size of a result is not rounded down, as it is in ONNX */
export function requireFloor(kernel: string, rounding: Conv2DAttrs["dimRoundingMode"] | null): void {
  if (rounding === undefined || rounding === null || rounding === "floor") return;
  throw new TraceError(`kernel ${kernel} rounds sizes by ${rounding}; it can be traced with floor`);
}

/** The padding in ONNX's order: top, left, bottom, right. */
export const pads = ({ padInfo: { top, left, bottom, right } }: Geometry): number[] => [top, left, bottom, right];
