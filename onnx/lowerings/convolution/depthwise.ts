/**
 * Convolutions of every channel apart, with a filter [height, width, channels, multiplier], and their gradients.
 *
 * @module
 */
import type {
  DepthwiseConv2dNativeAttrs,
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropFilterInputs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  DepthwiseConv2dNativeBackpropInputInputs,
  DepthwiseConv2dNativeInputs,
} from "@tensorflow/tfjs";
import { isDynamic, type Value } from "../../graph/graph.ts";
import { TraceError } from "../../graph/trace_error.ts";
import type { Name } from "../../file/encode.ts";
import { lowering } from "../lowering.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { resultShape, withCounts } from "../windows/windows.ts";
import { convolveSides, depthwiseFilterGradient, spreadSides } from "./any_sides.ts";
import { requireNoDilation, type Shape4D, windows2d } from "./geometry.ts";

/** @throws {TraceError} if images are [batch, channels, height, width] */
function requireNhwc(format: string | undefined): void {
  if (format !== "NCHW") return;
  throw new TraceError(
    "TensorFlow.js's depthwise convolution reads NCHW images as NHWC; transpose them to NHWC",
  );
}

/** @throws {TraceError} if the number of channels is unknown: ONNX's operators have it as an attribute */
function requireChannels(channels: number): void {
  if (!isDynamic(channels)) return;
  throw new TraceError("tf.depthwiseConv2d of an unknown number of channels; fix the dimension of the channels");
}

/** The filter as ONNX reads it, [channels * multiplier, 1, height, width]. */
function perChannel(scope: LayoutScope, filter: Value): Name {
  const [height, width, channels, multiplier] = filter.shape as Shape4D;
  requireChannels(channels);
  const taps = scope.builder.node("Transpose", [scope.name(filter)], { perm: [2, 3, 0, 1] });
  return scope.reshape(taps, [channels * multiplier, 1, height, width]);
}

export const depthwiseConv2d = lowering<DepthwiseConv2dNativeInputs, DepthwiseConv2dNativeAttrs>({
  infer({ x, filter }, attributes) {
    requireNhwc(attributes.dataFormat);
    const windows = windows2d("DepthwiseConv2dNative", x.shape, filter.shape, attributes);
    return { shape: resultShape(x.shape[0]!, windows, filter.shape[2]! * filter.shape[3]!), dtype: "float32" };
  },
  lower({ name, inputs: { x, filter }, attributes, output }, scope) {
    if (definesEmptySum(name, scope, [x, filter], output)) return;
    const windows = windows2d(name, x.shape, filter.shape, attributes);
    const operands = [scope.name(x, "channelsFirst"), perChannel(scope, filter)] as const;
    scope.define(output, convolveSides(scope, ...operands, windows, x.shape[3]!), "channelsFirst");
  },
});

export const depthwiseConv2dBackpropInput = lowering<
  DepthwiseConv2dNativeBackpropInputInputs,
  DepthwiseConv2dNativeBackpropInputAttrs
>({
  infer(_, { inputShape, dilations }) {
    requireNoDilation("DepthwiseConv2dNativeBackpropInput", dilations);
    return { shape: inputShape, dtype: "float32" };
  },
  lower({ name, inputs: { dy, filter }, attributes, output: dx }, scope) {
    if (definesEmptySum(name, scope, [dy, filter], dx)) return;
    const rules = windows2d(name, attributes.inputShape, filter.shape, attributes);
    const windows = withCounts(rules, dy.shape.slice(1, 3));
    const operands = [scope.name(dy, "channelsFirst"), perChannel(scope, filter)] as const;
    scope.define(dx, spreadSides(scope, ...operands, windows, dx.shape[3]!), "channelsFirst");
  },
});

export const depthwiseConv2dBackpropFilter = lowering<
  DepthwiseConv2dNativeBackpropFilterInputs,
  DepthwiseConv2dNativeBackpropFilterAttrs
>({
  infer(_, { filterShape, dilations }) {
    requireNoDilation("DepthwiseConv2dNativeBackpropFilter", dilations);
    return { shape: filterShape, dtype: "float32" };
  },
  lower({ name, inputs: { x, dy }, attributes, output }, scope) {
    if (definesEmptySum(name, scope, [x, dy], output)) return;
    const windows = windows2d(name, x.shape, attributes.filterShape, attributes);
    const gradient = depthwiseFilterGradient(scope, {
      x: scope.name(x, "channelsFirst"),
      dy: scope.name(dy, "channelsFirst"),
      dyValue: dy,
      windows: withCounts(windows, dy.shape.slice(1, 3)),
      inChannels: x.shape[3]!,
      outChannels: dy.shape[3]!,
    });
    scope.define(output, gradient);
  },
});
