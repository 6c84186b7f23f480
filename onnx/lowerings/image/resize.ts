/**
 * Images resized by the nearest pixel, or by linear interpolation of the two nearest rows and columns, and the gradients.
 * Row r of the result lies at r ratio of the image, at (r + 1/2) ratio - 1/2 with half-pixel centres; the ratio is that of
 * the sizes, or of the distances of the outer pixels if the corners are aligned.
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
import { TraceError } from "../../graph/trace_error.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { lowering } from "../lowering.ts";
import { isUnknown } from "../windows/windows.ts";

type Attributes = ResizeBilinearAttrs | ResizeNearestNeighborAttrs;
type Rule = Pick<Attributes, "alignCorners" | "halfPixelCenters">;

const resizedShape = ({ shape }: Value, [height, width]: readonly [number, number]): number[] => [
  shape[0]!,
  height,
  width,
  shape[3]!,
];

const ratioOf = (from: number, to: number, { alignCorners }: Rule): number =>
  alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;

/** The nearest pixel of an image's side for each one of the result's, as TensorFlow.js computes it. */
export function nearestPixels(from: number, to: number, rule: Rule): number[] {
  const ratio = ratioOf(from, to, rule), centre = rule.halfPixelCenters ? 0.5 : 0;
  const round = rule.alignCorners ? Math.round : Math.floor;
  return Array.from({ length: to }, (_, at) => Math.max(0, Math.min(from - 1, round(ratio * (at + centre)))));
}

/** The places of the result's pixels between those of an image's side. */
function places(from: number, to: number, rule: Rule): number[] {
  const ratio = ratioOf(from, to, rule), centre = rule.halfPixelCenters ? 0.5 : 0;
  return Array.from({ length: to }, (_, at) => Math.max(0, Math.min(from - 1, ratio * (at + centre) - centre)));
}

export const resizeNearest = lowering<ResizeNearestNeighborInputs, ResizeNearestNeighborAttrs>({
  infer: ({ images }, { size }) => ({ shape: resizedShape(images, size), dtype: images.dtype }),
  lower({ inputs: { images }, attributes, output }, scope) {
    const factors = repetitions(images, attributes);
    if (factors && images.dtype !== "bool") return repeatPixels(scope, images, factors, output);
    const pixels = attributes.size.reduce((name, to, side) => {
      const indices = nearestIndices(scope, images, side + 1, to, attributes);
      return scope.builder.node("Gather", [name, indices], { axis: side + 1 });
    }, scope.name(images));
    scope.define(output, pixels);
  },
});

/** How often each row and each column stands in the result, if all of them as often and in their order. */
function repetitions({ shape }: Value, { size, ...rule }: ResizeNearestNeighborAttrs): number[] | undefined {
  const factors = size.map((to, side) => to / shape[side + 1]!);
  const isWhole = factors.every((factor, side) =>
    Number.isInteger(factor) && factor > 0 &&
    nearestPixels(shape[side + 1]!, size[side]!, rule).every((pixel, at) => pixel === Math.floor(at / factor))
  );
  return isWhole ? factors : undefined;
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

/** The indices of {@linkcode nearestPixels}; of a side of unknown size they are computed in doubles as there. */
function nearestIndices(scope: LayoutScope, images: Value, axis: number, to: number, rule: Rule): Name {
  const { builder } = scope, from = images.shape[axis]!;
  if (!isUnknown(from)) return builder.integers(nearestPixels(from, to, rule));
  const node = (operator: string, ...operands: Name[]) => builder.node(operator, operands);
  const number = (value: number) => builder.scalar(value, "float64");
  const shape = node("Shape", scope.name(images));
  const size = builder.node("Cast", [node("Gather", shape, builder.integers([axis]))], { to: elementType.float64 });
  const last = node("Sub", size, number(1));
  const isAligned = rule.alignCorners && to > 1;
  const ratio = isAligned ? node("Div", last, number(to - 1)) : node("Div", size, number(to));
  const centre = rule.halfPixelCenters ? 0.5 : 0;
  const steps = builder.constant(Float64Array.from({ length: to }, (_, at) => at + centre), [to], "float64");
  const place = node("Mul", ratio, steps);
  const rounded = node("Floor", rule.alignCorners ? node("Add", place, number(0.5)) : place);
  return builder.node("Cast", [node("Max", number(0), node("Min", last, rounded))], { to: elementType.int64 });
}

/** Names of the rule in ONNX. */
function coordinates({ alignCorners, halfPixelCenters }: Rule): string {
  if (alignCorners) return "align_corners";
  return halfPixelCenters ? "half_pixel" : "asymmetric";
}

/** An infinite pixel spoils its neighbours in onnxruntime, and itself in TensorFlow.js: both multiply it by 0. */
export const resizeBilinear = lowering<ResizeBilinearInputs, ResizeBilinearAttrs>({
  infer: ({ images }, { size }) => ({ shape: resizedShape(images, size), dtype: "float32" }),
  lower({ inputs: { images }, attributes: { size, ...rule }, output }, scope) {
    const { builder } = scope, image = scope.name(images, "channelsFirst");
    const pixels = images.dtype === "float32" ? image : builder.node("Cast", [image], { to: elementType.float32 });
    const resized = builder.node("Resize", [pixels, "", "", channelsFirstSizes(scope, image, images, size)], {
      mode: "linear",
      coordinate_transformation_mode: coordinates(rule),
    });
    scope.define(output, resized, "channelsFirst");
  },
});

function channelsFirstSizes(
  { builder }: LayoutScope,
  image: Name,
  { shape }: Value,
  size: readonly [number, number],
): Name {
  const [batch, , , channels] = shape as [number, number, number, number];
  if (!isUnknown(batch) && !isUnknown(channels)) return builder.integers([batch, channels, ...size]);
  const known = builder.node("Slice", [builder.node("Shape", [image]), builder.integers([0]), builder.integers([2])]);
  return builder.node("Concat", [known, builder.integers(size)], { axis: 0 });
}

/** The weights of an image's pixels in those of the result along one side. */
type Weights = (from: number, to: number, rule: Rule) => (at: number, pixel: number) => number;

const nearestWeights: Weights = (from, to, rule) => {
  const pixels = nearestPixels(from, to, rule);
  return (at, pixel) => pixels[at] === pixel ? 1 : 0;
};

const linearWeights: Weights = (from, to, rule) => {
  const between = places(from, to, rule);
  return (at, pixel) => Math.max(0, 1 - Math.abs(between[at]! - pixel));
};

/**
 * The transpose of resizing: products with the weights of rows and of columns. TensorFlow.js leaves half-pixel centres out, and
 * exchanges the sides of an image in the shape of the linear gradient.
 */
const resizeGradient = <Attrs extends Attributes>(weightsOf: Weights) =>
  lowering<ResizeBilinearGradInputs | ResizeNearestNeighborGradInputs, Attrs>({
    infer: ({ images: { shape } }) => ({ shape, dtype: "float32" }),
    lower({ name, inputs: { images, dy }, attributes, output }, scope) {
      const { builder } = scope, [, height, width] = images.shape as [number, number, number];
      const [, rows, columns] = dy.shape as [number, number, number];
      if ([height, width, rows, columns].some(isUnknown)) {
        throw new TraceError(`kernel ${name} is the gradient of an image of unknown sides; fix their sizes`);
      }
      const matrix = (lines: number, length: number, weight: (line: number, at: number) => number) =>
        builder.constant(
          Float32Array.from({ length: lines * length }, (_, at) => weight(Math.floor(at / length), at % length)),
          [lines, length],
          "float32",
        );
      const ofRows = weightsOf(height, rows, attributes), ofColumns = weightsOf(width, columns, attributes);
      const gradient = scope.name(dy, "channelsFirst");
      const summed = builder.node("MatMul", [matrix(height, rows, (pixel, at) => ofRows(at, pixel)), gradient]);
      const result = builder.node("MatMul", [summed, matrix(columns, width, ofColumns)]);
      scope.define(output, result, "channelsFirst");
    },
  });

export const resizeBilinearGrad = resizeGradient<ResizeBilinearAttrs>(linearWeights);
export const resizeNearestGrad = resizeGradient<ResizeNearestNeighborAttrs>(nearestWeights);
