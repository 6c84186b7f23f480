/**
 * Maximum pooling, its places, and its gradient.
 *
 * A window that holds NaN, or nothing but -Infinity, has another result in TensorFlow.js, which skips NaN, and in
 * onnxruntime, whose result depends on the strides; ONNX leaves it open. Exact special values skip it too
 * (`skipped_pixels.ts`).
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
import { cutToCounts, isEveryPixel, isIdentity, poolWindows } from "./pool_windows.ts";
import { skipNaN, skipNotLarger, SKIPPED, UNMARKED } from "./skipped_pixels.ts";

/** The image as ONNX's operator takes it: of floating-point numbers, and padded by a node where an attribute cannot. */
interface Prepared extends PaddedImage {
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** With exact special values: true for each window that holds a pixel that counts. */
  readonly hasPixel?: Name;
}

function prepare(scope: LayoutScope, x: Value, windows: readonly Windows[]): Prepared {
  const { builder } = scope, image = channelsFirst(scope, x);
  if (scope.specialValues === "exact" && x.dtype === "float32") return prepareExact(scope, image, windows);
  // A float32 has no room for every int32.
  const numbers = x.dtype === "float32" ? image : builder.node("Cast", [image], { to: elementType.float64 });
  const lowest = x.dtype === "float32" ? builder.scalar(-Infinity) : builder.scalar(-Infinity, "float64");
  return padded(scope, numbers, windows, lowest);
}

function prepareExact(scope: LayoutScope, image: Name, windows: readonly Windows[]): Prepared {
  const { builder } = scope, { numbers, marks } = skipNotLarger(builder, image);
  const marked = padded(scope, marks, windows, builder.scalar(UNMARKED));
  return {
    ...padded(scope, numbers, windows, builder.scalar(SKIPPED)),
    hasPixel: holdsMark(scope, marked.name, marked.attributes),
  };
}

function padded(scope: LayoutScope, image: Name, windows: readonly Windows[], outside: Name): Prepared {
  if (!isExpressible(windows)) {
    return { ...padImage(scope, image, windows, outside), attributes: windowAttributes(windows) };
  }
  const attributes = { ...windowAttributes(windows), ...padAttribute(windows) };
  return { name: image, unpad: (padded) => padded, attributes };
}

const holdsMark = ({ builder }: LayoutScope, marks: Name, window: Prepared["attributes"]): Name =>
  builder.node("Greater", [builder.node("MaxPool", [marks], window), builder.scalar(0)]);

/** Replaces what belongs to a window without a pixel that counts. */
const orElse = ({ builder }: LayoutScope, hasPixel: Name | undefined, name: Name, other: Name): Name =>
  hasPixel === undefined ? name : builder.node("Where", [hasPixel, name, other]);

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
      if (isIdentity(windows) || isEveryPixel(windows)) return scope.alias(output, x);
      const { name, attributes: window, hasPixel } = prepare(scope, x, windows);
      const pooled = scope.builder.node("MaxPool", [name], window);
      const largest = cutToCounts(scope, orElse(scope, hasPixel, pooled, scope.builder.scalar(-Infinity)), windows);
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
      // TensorFlow.js finds no maximum in a window of NaN, even where the pooling is the identity.
      const isExact = scope.specialValues === "exact" && input.dtype === "float32";
      if (isIdentity(windows) && !isExact) return scope.alias(output, dy);
      requireOpset(scope, kernel, 16);
      const gradient = channelsFirst(scope, dy);
      const dx = windows.length === 2
        ? spreadToFirst(scope, input, gradient, windows)
        : spreadToLast(scope, input, gradient, windows);
      defineChannelsFirst(scope, output, dx);
    },
  });

function spreadToFirst(scope: LayoutScope, x: Value, dy: Name, windows: readonly Windows[]): Name {
  const { name, attributes, hasPixel, unpad } = prepare(scope, x, windows);
  const cut = (places: Name) => cutToCounts(scope, places, windows);
  return unpad(spread(scope, name, orElse(scope, hasPixel, dy, scope.builder.scalar(0)), attributes, cut));
}

/** The last maximum of an image is the first one of the reversed image, whose windows must fill it. */
function spreadToLast(scope: LayoutScope, x: Value, dy: Name, windows: readonly Windows[]): Name {
  if (!hasSizes(windows)) throw new TraceError("the gradient of tf.maxPool3d of unknown sides; fix their sizes");
  const filled = windows.map((side) => ({ ...side, after: lastPadding(side) }));
  const ranges = windows.map((_, side) => ({ axis: side + 2, begin: -1, end: -END, step: -1 }));
  const { builder } = scope, image = channelsFirst(scope, x);
  const isExact = scope.specialValues === "exact" && x.dtype === "float32", window = windowAttributes(windows);
  const { numbers, marks } = isExact
    ? skipNaN(builder, image)
    : { numbers: asFloat32(scope, image, x), marks: undefined };
  const padded = padImage(scope, numbers, filled, builder.scalar(isExact ? SKIPPED : -Infinity));
  const hasPixel = marks && holdsMark(scope, padImage(scope, marks, filled, builder.scalar(UNMARKED)).name, window);
  const spreading = orElse(scope, hasPixel, dy, builder.scalar(0));
  const reversed = [padded.name, spreading].map((name) => slice(scope, name, ranges)) as [Name, Name];
  return padded.unpad(slice(scope, spread(scope, ...reversed, window), ranges));
}

const asFloat32 = (scope: LayoutScope, name: Name, { dtype }: Value): Name =>
  dtype === "float32" ? name : toFloat32(scope, name);

const lastPadding = ({ count, stride, taps, size, before }: Windows) => (count - 1) * stride + taps - size - before;

/**
 * Scatters dy to the places of the maxima of an image.
 *
 * @param cut leaves out the places that dy lacks
 */
function spread(
  scope: LayoutScope,
  image: Name,
  dy: Name,
  window: Prepared["attributes"],
  cut = (places: Name): Name => places,
): Name {
  const { builder } = scope, flat = builder.integers([-1]);
  const [, found] = builder.nodes("MaxPool", [image], window, 2) as [Name, Name], places = cut(found);
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
    const { builder } = scope, { hasPixel } = prepared;
    const [pooled, found] = builder.nodes("MaxPool", [prepared.name], prepared.attributes, 2) as [Name, Name];
    const largest = orElse(scope, hasPixel, pooled, builder.scalar(-Infinity));
    const places = channelsLastPlaces(scope, prepared.name, found, x, attributes);
    const results = [castTo(scope, largest, x), orElse(scope, hasPixel, places, builder.scalar(-1, "int32"))];
    for (const [at, name] of results.entries()) {
      scope.define(outputs[at]!, cutToCounts(scope, name, windows), "channelsFirst");
    }
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
