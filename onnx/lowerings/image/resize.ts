/**
 * Images resized by the nearest pixel, or by linear interpolation of the two nearest rows and columns, and the gradients.
 *
 * @module
 */
import type {
  ResizeBilinearAttrs,
  ResizeBilinearGradInputs,
  ResizeBilinearInputs,
  ResizeNearestNeighborAttrs,
  ResizeNearestNeighborGradInputs,
  ResizeNearestNeighborInputs,
} from "@tensorflow/tfjs";
import { elementType, type Name } from "../../file/encode.ts";
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { transposed } from "../transposed.ts";
import { lowering } from "../lowering.ts";
import { interpolate } from "./interpolate.ts";
import { ComputedPlaces, nearestPixels, places, type ResizeRule } from "./resize_places.ts";
import { isUnknown } from "../windows/windows.ts";

type Attributes = ResizeBilinearAttrs | ResizeNearestNeighborAttrs;

const resizedShape = ({ shape }: Value, [height, width]: readonly [number, number]): number[] => [
  shape[0]!,
  height,
  width,
  shape[3]!,
];

export const resizeNearest = lowering<ResizeNearestNeighborInputs, ResizeNearestNeighborAttrs>({
  infer: ({ images }, { size }) => ({ shape: resizedShape(images, size), dtype: images.dtype }),
  lower({ inputs: { images }, attributes, output }, scope) {
    const factors = images.dtype === "bool" ? undefined : repetitions(scope, images, attributes);
    if (factors) return repeatPixels(scope, images, factors, output);
    const pixels = attributes.size.reduce((name, to, side) => {
      const from = images.shape[side + 1]!, isKnown = !isUnknown(from) && !isUnknown(to);
      const indices = isKnown
        ? scope.builder.integers(nearestPixels(from, to, attributes))
        : new ComputedPlaces(scope, from, to, attributes).nearest();
      return scope.builder.node("Gather", [name, indices], { axis: side + 1 });
    }, scope.name(images));
    scope.define(output, pixels);
  },
});

/** Pixels of an image of unknown size for which a factor is tried. */
const TRIED_SIZE = 1024;

/** How often each row and each column stands in the result, if all of them as often and in their order. */
function repetitions(
  { sizes }: LayoutScope,
  { shape }: Value,
  { size, ...rule }: ResizeNearestNeighborAttrs,
): number[] | undefined {
  const factors = size.map((to, side) => {
    const from = sizes.samples(shape[side + 1]!), wanted = sizes.samples(to);
    const factor = wanted[0]! / from[0]!, count = Math.max(from.length, wanted.length);
    const isSame = Array.from(
      { length: count },
      (_, at) => (wanted[at] ?? to) === factor * (from[at] ?? shape[side + 1]!),
    );
    return isSame.every(Boolean) && Number.isInteger(factor) && factor > 0 ? factor : undefined;
  });
  const isWhole = factors.every((factor, side) => {
    const from = isUnknown(shape[side + 1]!) ? TRIED_SIZE : shape[side + 1]!;
    return factor !== undefined &&
      nearestPixels(from, from * factor, rule).every((pixel, at) => pixel === Math.floor(at / factor));
  });
  return isWhole ? factors as number[] : undefined;
}

function repeatPixels(scope: LayoutScope, images: Value, factors: readonly number[], output: Value): void {
  const scales = scope.builder.constant(Float32Array.of(1, 1, ...factors), [4], "float32");
  const repeated = scope.builder.node("Resize", [scope.name(images, "channelsFirst"), "", scales], {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  });
  scope.define(output, repeated, "channelsFirst");
}

/** Names of the rule in ONNX. */
function coordinates({ alignCorners, halfPixelCenters }: ResizeRule): string {
  if (alignCorners) return "align_corners";
  return halfPixelCenters ? "half_pixel" : "asymmetric";
}

/** An infinite pixel spoils its neighbours in onnxruntime, and only itself in TensorFlow.js: both multiply it by 0. */
export const resizeBilinear = lowering<ResizeBilinearInputs, ResizeBilinearAttrs>({
  infer: ({ images }, { size }) => ({ shape: resizedShape(images, size), dtype: "float32" }),
  lower({ inputs: { images }, attributes: { size, ...rule }, output }, scope) {
    if (scope.specialValues === "exact" && images.dtype === "float32") {
      return scope.define(output, interpolate(scope, images, size, rule), "channelsFirst");
    }
    const { builder } = scope, image = scope.name(images, "channelsFirst"), [batch, , , channels] = images.shape;
    const pixels = images.dtype === "float32" ? image : builder.node("Cast", [image], { to: elementType.float32 });
    const resized = builder.node("Resize", [pixels, "", "", scope.sizes.list([batch!, channels!, ...size])], {
      mode: "linear",
      coordinate_transformation_mode: coordinates(rule),
    });
    scope.define(output, resized, "channelsFirst");
  },
});

/** The weights of the image's pixels in each of the result's along one side, [to, from]. */
function weights(scope: LayoutScope, from: number, to: number, rule: ResizeRule, isLinear: boolean): Name {
  if (isUnknown(from) || isUnknown(to)) return new ComputedPlaces(scope, from, to, rule).weights(isLinear);
  const pixels = isLinear ? places(from, to, rule) : nearestPixels(from, to, rule);
  const numbers = pixels.flatMap((place) =>
    Array.from({ length: from }, (_, pixel) => Math.max(0, 1 - Math.abs(place - pixel)))
  );
  return scope.builder.constant(Float32Array.from(numbers), [to, from], "float32");
}

/**
 * The transpose of resizing: products with the weights of rows and of columns. TensorFlow.js leaves half-pixel centres out, and
 * exchanges the sides of an image in the shape of the linear gradient.
 */
const resizeGradient = <Attrs extends Attributes>(isLinear: boolean) =>
  lowering<ResizeBilinearGradInputs | ResizeNearestNeighborGradInputs, Attrs>({
    infer: ({ images: { shape } }) => ({ shape, dtype: "float32" }),
    lower({ inputs: { images, dy }, attributes, output }, scope) {
      const { builder } = scope;
      const [rows, columns] = [1, 2].map((axis) =>
        weights(scope, images.shape[axis]!, dy.shape[axis]!, attributes, isLinear)
      ) as [Name, Name];
      const summed = builder.node("MatMul", [transposed(scope, rows, 2), scope.name(dy, "channelsFirst")]);
      scope.define(output, builder.node("MatMul", [summed, columns]), "channelsFirst");
    },
  });

export const resizeBilinearGrad = resizeGradient<ResizeBilinearAttrs>(true);
export const resizeNearestGrad = resizeGradient<ResizeNearestNeighborAttrs>(false);
