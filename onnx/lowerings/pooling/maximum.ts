/**
 * Maximum pooling, its places, and its gradient.
 *
 * A window that holds NaN, or nothing but -Infinity, has another result in TensorFlow.js, which leaves NaN out, and in
 * onnxruntime, whose result depends on the strides; ONNX leaves it open.
 *
 * @module
 */
import type {
  MaxPool3DAttrs,
  MaxPool3DGradAttrs,
  MaxPool3DGradInputs,
  MaxPool3DInputs,
  MaxPoolAttrs,
  MaxPoolGradAttrs,
  MaxPoolGradInputs,
  MaxPoolInputs,
  MaxPoolWithArgmaxAttrs,
  MaxPoolWithArgmaxInputs,
} from "@tensorflow/tfjs";
import { elementType, type Name, type OnnxAttribute } from "../../file/encode.ts";
import type { Value } from "../../graph/graph.ts";
import { TraceError } from "../../graph/trace_error.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { lowering } from "../lowering.ts";
import { END, slice } from "../move_elements.ts";
import { requireOpset } from "../requirements.ts";
import { channelsFirst, defineChannelsFirst } from "../windows/channels_first.ts";
import { hasSizes, padAttribute, type PaddedImage, padImage, windowAttributes } from "../windows/pad_image.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { isPaddedBelowExtent, resultShape, type Windows, withCounts } from "../windows/windows.ts";
import { cutToCounts, isIdentity, poolWindows } from "./pool_windows.ts";

/** The image as ONNX's operator takes it: of floating-point numbers, and padded by a node where an attribute cannot. */
interface Prepared extends PaddedImage {
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

function prepare(scope: LayoutScope, x: Value, windows: readonly Windows[]): Prepared {
  const { builder } = scope, image = channelsFirst(scope, x);
  // A float32 has no room for every int32.
  const numbers = x.dtype === "float32" ? image : builder.node("Cast", [image], { to: elementType.float64 });
  if (isExpressible(windows)) {
    const attributes = { ...windowAttributes(windows), ...padAttribute(windows) };
    return { name: numbers, unpad: (padded) => padded, attributes };
  }
  const lowest = x.dtype === "float32" ? builder.scalar(-Infinity) : builder.scalar(-Infinity, "float64");
  return { ...padImage(scope, numbers, windows, lowest), attributes: windowAttributes(windows) };
}

/** True if ONNX's operator can pad for the windows. */
const isExpressible = (windows: readonly Windows[]): boolean =>
  padAttribute(windows) !== undefined && isPaddedBelowExtent(windows);

const castTo = ({ builder }: LayoutScope, name: Name, { dtype }: Value): Name =>
  dtype === "float32" ? name : builder.node("Cast", [name], { to: elementType[dtype] });

const maximum = <Attributes extends MaxPoolAttrs | MaxPool3DAttrs>(kernel: string) =>
  lowering<MaxPoolInputs | MaxPool3DInputs, Attributes>({
    infer: ({ x }, attributes) => ({
      shape: resultShape(x.shape[0]!, poolWindows(kernel, x.shape, attributes), x.shape.at(-1)!),
      dtype: kernel === "MaxPool3D" ? "float32" : x.dtype,
    }),
    lower({ inputs: { x }, attributes, output }, scope) {
      const windows = poolWindows(kernel, x.shape, attributes);
      if (isIdentity(windows)) return scope.alias(output, x);
      const { name, attributes: window } = prepare(scope, x, windows);
      const largest = cutToCounts(scope, scope.builder.node("MaxPool", [name], window), windows);
      const stored = x.dtype === output.dtype ? castTo(scope, largest, x) : toFloat32(scope, largest);
      defineChannelsFirst(scope, output, stored);
    },
  });

const toFloat32 = ({ builder }: LayoutScope, name: Name) => builder.node("Cast", [name], { to: elementType.float32 });

/** Adds each window's gradient to the place of its maximum: the first one in two dimensions, the last one in three. */
const maximumGradient = <Attributes extends MaxPoolGradAttrs | MaxPool3DGradAttrs>(kernel: string) =>
  lowering<MaxPoolGradInputs | MaxPool3DGradInputs, Attributes>({
    infer: ({ input: { shape } }) => ({ shape, dtype: "float32" }),
    lower({ inputs: { input, dy }, attributes, output }, scope) {
      if (definesEmptySum(kernel, scope, [input, dy], output)) return;
      const windows = withCounts(poolWindows(kernel, input.shape, attributes), dy.shape.slice(1, -1));
      if (isIdentity(windows)) return scope.alias(output, dy);
      requireOpset(scope, kernel, 16);
      const gradient = channelsFirst(scope, dy);
      const dx = windows.length === 2
        ? spreadToFirst(scope, input, gradient, windows)
        : spreadToLast(scope, input, gradient, windows);
      defineChannelsFirst(scope, output, dx);
    },
  });

function spreadToFirst(scope: LayoutScope, x: Value, dy: Name, windows: readonly Windows[]): Name {
  const prepared = prepare(scope, x, windows);
  return prepared.unpad(spread(scope, prepared.name, dy, prepared.attributes));
}

/** The last maximum of an image is the first one of the reversed image, whose windows must fill it. */
function spreadToLast(scope: LayoutScope, x: Value, dy: Name, windows: readonly Windows[]): Name {
  if (!hasSizes(windows)) throw new TraceError("the gradient of tf.maxPool3d of unknown sides; fix their sizes");
  const filled = windows.map((side) => ({ ...side, after: lastPadding(side) }));
  const ranges = windows.map((_, side) => ({ axis: side + 2, begin: -1, end: -END, step: -1 }));
  const { builder } = scope, image = channelsFirst(scope, x);
  const numbers = x.dtype === "float32" ? image : toFloat32(scope, image);
  const padded = padImage(scope, numbers, filled, builder.scalar(-Infinity));
  const reversed = [padded.name, dy].map((name) => slice(scope, name, ranges)) as [Name, Name];
  const gradient = spread(scope, ...reversed, windowAttributes(windows));
  return padded.unpad(slice(scope, gradient, ranges));
}

const lastPadding = ({ count, stride, taps, size, before }: Windows) => (count - 1) * stride + taps - size - before;

/** Scatters dy to the places of the maxima of an image. */
function spread(scope: LayoutScope, image: Name, dy: Name, window: Prepared["attributes"]): Name {
  const { builder } = scope, flat = builder.integers([-1]);
  const [, places] = builder.nodes("MaxPool", [image], window, 2) as [Name, Name];
  const shape = builder.node("Shape", [image]);
  const zeros = builder.node("Expand", [
    builder.scalar(0),
    builder.node("Reshape", [builder.node("Size", [image]), flat]),
  ]);
  const operands = [zeros, ...[places, dy].map((name) => builder.node("Reshape", [name, flat]))];
  const sums = builder.node("ScatterElements", operands, { axis: 0, reduction: "add" });
  return builder.node("Reshape", [sums, shape]);
}

/** The maxima, and their places in each image, or in the batch, counted as [batch, height, width, channels]. */
export const maxPoolWithArgmax = lowering<MaxPoolWithArgmaxInputs, MaxPoolWithArgmaxAttrs>({
  infer({ x }, attributes) {
    const windows = poolWindows("MaxPoolWithArgmax", x.shape, attributes);
    const shape = resultShape(x.shape[0]!, windows, x.shape[3]!);
    return [{ shape, dtype: x.dtype }, { shape, dtype: "int32" }];
  },
  lower({ name, inputs: { x }, attributes, outputs }, scope) {
    const windows = poolWindows(name, x.shape, attributes);
    if (!isExpressible(windows)) {
      throw new TraceError("tf.maxPoolWithArgmax with padding as large as its window; pad less");
    }
    const prepared = prepare(scope, x, windows);
    const [largest, places] = scope.builder.nodes("MaxPool", [prepared.name], prepared.attributes, 2)
      .map((name) => cutToCounts(scope, name, windows)) as [Name, Name];
    scope.define(outputs[0]!, castTo(scope, largest, x), "channelsFirst");
    scope.define(outputs[1]!, channelsLastPlaces(scope, prepared.name, places, x, attributes), "channelsFirst");
  },
});

/** Converts places in [batch, channels, height, width] to places with the channels last. */
function channelsLastPlaces(
  scope: LayoutScope,
  image: Name,
  places: Name,
  x: Value,
  { includeBatchInIndex }: MaxPoolWithArgmaxAttrs,
): Name {
  const { builder } = scope, channels = x.shape[3]!;
  const shape = builder.node("Shape", [image]);
  const side = (axis: number) => builder.node("Gather", [shape, builder.integers([axis])]);
  const number = (value: number) => builder.integers([value]);
  const pixels = builder.node("Mul", [side(2), side(3)]), elements = builder.node("Mul", [pixels, number(channels)]);
  const pixel = builder.node("Mod", [places, pixels]);
  const channel = builder.constant(
    BigInt64Array.from({ length: channels }, (_, at) => BigInt(at)),
    [channels, 1, 1],
    "int64",
  );
  const inImage = builder.node("Add", [builder.node("Mul", [pixel, number(channels)]), channel]);
  const before = builder.node("Mul", [builder.node("Div", [places, elements]), elements]);
  const place = includeBatchInIndex ? builder.node("Add", [inImage, before]) : inImage;
  return builder.node("Cast", [place], { to: elementType.int32 });
}

export const maxPool = maximum<MaxPoolAttrs>("MaxPool");
export const maxPool3d = maximum<MaxPool3DAttrs>("MaxPool3D");
export const maxPoolGrad = maximumGradient<MaxPoolGradAttrs>("MaxPoolGrad");
export const maxPool3dGrad = maximumGradient<MaxPool3DGradAttrs>("MaxPool3DGrad");
