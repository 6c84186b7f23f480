/**
 * Where the windows of a convolution lie.
 *
 * @module
 */
import { backend_util } from "@tensorflow/tfjs";
import type { Attributes } from "../../graph/graph.ts";
import { TraceError } from "../../graph/trace_error.ts";

export type Shape4D = [number, number, number, number];
export type Geometry = backend_util.Conv2DInfo;

export function geometry(
  name: string,
  input: readonly number[],
  filter: readonly number[],
  attributes: Attributes,
): Geometry {
  const { strides, pad, dimRoundingMode, dilations = 1, dataFormat = "NHWC" } = attributes as {
    strides: [number, number];
    pad: "same" | "valid" | number;
    dimRoundingMode?: "floor";
    dilations?: [number, number];
    dataFormat?: string;
  };
  if (dataFormat !== "NHWC") {
    throw new TraceError(`kernel ${name} of data format ${dataFormat} has no lowering; NHWC has`);
  }
  return backend_util.computeConv2DInfo(
    [...input] as Shape4D,
    [...filter] as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
}

/** The padding in ONNX's order: top, left, bottom, right. */
export const pads = ({ padInfo: { top, left, bottom, right } }: Geometry): number[] => [top, left, bottom, right];
