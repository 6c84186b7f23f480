/**
 * Boxes of images, resized to one size. A box [y1, x1, y2, x2] has its corners at these parts of the distances of the image's
 * outer pixels.
 *
 * @module
 */
import type { CropAndResizeAttrs, CropAndResizeInputs } from "@tensorflow/tfjs";
import type { Name } from "../../file/encode.ts";
import { lowering } from "../lowering.ts";
import { type Doubles, PixelReader } from "./pixels.ts";

/** Places along one side of every box. */
interface Places {
  readonly place: Name;
  readonly isOutside: Name;
  /** The place, or 0 where it is outside or not a number. */
  readonly inside: Name;
}

export const cropAndResize = lowering<CropAndResizeInputs, CropAndResizeAttrs>({
  infer: ({ image, boxes }, { cropSize: [height, width] }) => ({
    shape: [boxes.shape[0]!, height, width, image.shape[3]!],
    dtype: "float32",
  }),
  lower({ inputs: { image, boxes, boxInd }, attributes, output }, scope) {
    const { builder } = scope, { cropSize: [height, width], method, extrapolationValue } = attributes;
    const reader = new PixelReader(scope, image), { doubles } = reader, { number, node } = doubles;
    const corners = doubles.cast(scope.name(boxes), "float64");
    const edge = (at: number) => builder.node("Gather", [corners, builder.integers([at])], { axis: 1 });
    const rows = placesOf(doubles, edge(0), edge(2), reader.size("height"), height, [-1, height, 1]);
    const columns = placesOf(doubles, edge(1), edge(3), reader.size("width"), width, [-1, 1, width]);
    const index = node("Reshape", doubles.cast(scope.name(boxInd), "float64"), builder.integers([-1, 1, 1]));
    const isMissing = doubles.node("GreaterOrEqual", index, reader.size("batch"));
    const images = node("Max", number(0), doubles.where(isMissing, number(0), index));
    const pixels = method === "bilinear"
      ? interpolate(reader, images, rows, columns)
      : nearest(reader, images, rows, columns);
    const perPixel = (name: Name) => node("Unsqueeze", name, builder.integers([-1]));
    const isOutside = perPixel(node("Or", rows.isOutside, columns.isOutside));
    // TensorFlow.js reads nothing before the first image, and computes with it.
    const isBefore = perPixel(doubles.less(index, number(0)));
    const read = doubles.where(isBefore, builder.scalar(NaN), pixels);
    const filled = doubles.where(isOutside, builder.scalar(extrapolationValue), read);
    scope.define(output, doubles.where(perPixel(isMissing), builder.scalar(0), filled));
  },
});

/** Spreads `count` places from edge to edge; a single one lies in the middle. */
function placesOf(
  doubles: Doubles,
  first: Name,
  last: Name,
  size: Name,
  count: number,
  shape: readonly number[],
): Places {
  const { builder } = doubles, { add, sub, mul, div, number, node, less } = doubles;
  const distance = sub(size, number(1));
  const steps = builder.constant(Float64Array.from({ length: count }, (_, at) => at), [1, count], "float64");
  const scale = div(mul(sub(last, first), distance), number(count - 1));
  const spread = count > 1
    ? add(mul(first, distance), mul(steps, scale))
    : mul(mul(number(0.5), add(first, last)), distance);
  const place = node("Reshape", spread, builder.integers(shape));
  const isOutside = node("Or", less(place, number(0)), node("Greater", place, distance));
  const isInside = node("And", node("GreaterOrEqual", place, number(0)), node("LessOrEqual", place, distance));
  return { place, isOutside, inside: doubles.where(isInside, place, number(0)) };
}

function interpolate(reader: PixelReader, images: Name, rows: Places, columns: Places): Name {
  const { doubles } = reader, { add, sub, mul, floor, node } = doubles;
  const [top, left] = [rows, columns].map(({ inside }) => floor(inside)) as [Name, Name];
  const [bottom, right] = [rows, columns].map(({ inside }) => node("Ceil", inside)) as [Name, Name];
  const share = ({ place }: Places, from: Name) =>
    node("Unsqueeze", doubles.cast(sub(place, from), "float32"), doubles.builder.integers([-1]));
  const alongRow = (row: Name) => {
    const [a, b] = [left, right].map((column) => reader.read(images, row, column)) as [Name, Name];
    return add(a, mul(sub(b, a), share(columns, left)));
  };
  const [upper, lower] = [alongRow(top), alongRow(bottom)];
  return add(upper, mul(sub(lower, upper), share(rows, top)));
}

function nearest(reader: PixelReader, images: Name, rows: Places, columns: Places): Name {
  const { doubles } = reader, { add, sub, round, node } = doubles;
  const pixels = reader.read(images, round(rows.inside), round(columns.inside));
  // A number less itself is NaN if it is NaN.
  const none = add(sub(rows.place, rows.place), sub(columns.place, columns.place));
  return add(pixels, node("Unsqueeze", doubles.cast(none, "float32"), doubles.builder.integers([-1])));
}
