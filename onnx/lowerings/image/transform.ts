/**
 * Images under projective maps. For the map a0...a7, pixel (x, y) of the result is read at
 *
 *     ((a0 x + a1 y + a2) / p, (a3 x + a4 y + a5) / p),   p = a6 x + a7 y + 1
 *
 * @module
 */
import type { TransformAttrs, TransformInputs } from "@tensorflow/tfjs";
import type { Name } from "../../file/encode.ts";
import { lowering } from "../lowering.ts";
import { type Doubles, PixelReader } from "./pixels.ts";

/** TensorFlow.js maps the first image of a batch only, and leaves the others empty; here all are mapped. */
export const transform = lowering<TransformInputs, TransformAttrs>({
  infer: ({ image: { shape } }, { outputShape }) => ({
    shape: [shape[0]!, outputShape?.[0] ?? shape[1]!, outputShape?.[1] ?? shape[2]!, shape[3]!],
    dtype: "float32",
  }),
  lower({ inputs: { image, transforms }, attributes, output }, scope) {
    const { builder } = scope, { interpolation, fillMode, outputShape } = attributes;
    const reader = new PixelReader(scope, image), { doubles } = reader;
    const side = (at: 0 | 1, name: "height" | "width") =>
      outputShape ? builder.integers([outputShape[at]]) : reader.sizes[name];
    const x = doubles.range(side(1, "width"), [1, 1, -1]), y = doubles.range(side(0, "height"), [1, -1, 1]);
    const { column, row, isInfinite } = mapped(doubles, doubles.cast(scope.name(transforms), "float64"), x, y);
    const sides = { height: reader.size("height"), width: reader.size("width") };
    const places = {
      column: MODES[fillMode](doubles, column, sides.width),
      row: MODES[fillMode](doubles, row, sides.height),
    };
    // Every pixel of the result has a place of its own, though one map may serve all images.
    const images = doubles.range(reader.sizes.batch, [-1, 1, 1]);
    const fill = builder.scalar(attributes.fillValue);
    const pixels = interpolation === "nearest"
      ? filledPixel(reader, images, doubles.round(places.row), doubles.round(places.column), fill)
      : interpolate(reader, images, places.row, places.column, fill);
    const isFilled = doubles.node("Unsqueeze", isInfinite, builder.integers([-1]));
    scope.define(output, doubles.where(isFilled, fill, pixels));
  },
});

/** The places at which the pixels are read, each [maps, height, width]. */
function mapped(doubles: Doubles, maps: Name, x: Name, y: Name) {
  const { add, mul, div, number, node, builder } = { ...doubles, builder: doubles.builder };
  const factor = (at: number) => {
    const column = builder.node("Gather", [maps, builder.integers([at])], { axis: 1 });
    return node("Reshape", column, builder.integers([-1, 1, 1]));
  };
  const linear = (a: number) => add(mul(factor(a), x), mul(factor(a + 1), y));
  const projection = add(linear(6), number(1));
  return {
    column: div(add(linear(0), factor(2)), projection),
    row: div(add(linear(3), factor(5)), projection),
    isInfinite: node("Equal", projection, number(0)),
  };
}

type Mode = (doubles: Doubles, place: Name, size: Name) => Name;

const clamp: Mode = (doubles, place, size) => {
  const { number, node, sub } = doubles;
  return node("Max", number(0), node("Min", place, sub(size, number(1))));
};

/** Chooses what a place before the image, and one behind it, becomes; the result lies in the image. */
const outside = (
  before: (doubles: Doubles, place: Name, size: Name) => Name,
  behind: (doubles: Doubles, place: Name, size: Name) => Name,
): Mode =>
(doubles, place, size) => {
  const { number, less, where, sub } = doubles, last = sub(size, number(1));
  const moved = where(
    less(place, number(0)),
    before(doubles, place, size),
    where(less(last, place), behind(doubles, place, size), place),
  );
  return clamp(doubles, moved, size);
};

const negated = ({ node }: Doubles, x: Name) => node("Neg", x);

const reflect = outside(
  (doubles, place, size) => {
    const { add, mul, div, sub, floor, less, where, number } = doubles, period = mul(size, number(2));
    const near = add(mul(period, floor(div(negated(doubles, place), period))), place);
    return where(less(near, negated(doubles, size)), add(near, period), sub(negated(doubles, near), number(1)));
  },
  (doubles, place, size) => {
    const { mul, div, sub, floor, less, where, number } = doubles, period = mul(size, number(2));
    const near = sub(place, mul(period, floor(div(place, period))));
    return where(less(near, size), near, sub(sub(period, near), number(1)));
  },
);

const wrap = outside(
  (doubles, place, size) => {
    const { add, mul, div, sub, floor, number } = doubles;
    const turns = add(floor(div(negated(doubles, place), sub(size, number(1)))), number(1));
    return add(place, mul(size, turns));
  },
  (doubles, place, size) => {
    const { mul, div, sub, floor, number } = doubles;
    return sub(place, mul(size, floor(div(place, sub(size, number(1))))));
  },
);

const MODES: Readonly<Record<TransformAttrs["fillMode"], Mode>> = {
  constant: (_, place) => place,
  nearest: clamp,
  reflect,
  wrap,
};

/** The pixel at a whole place, or the fill value beside the image. */
function filledPixel(reader: PixelReader, images: Name, row: Name, column: Name, fill: Name): Name {
  const { doubles } = reader, { node, less, number, where } = doubles;
  const isIn = (place: Name, size: Name) => node("And", node("GreaterOrEqual", place, number(0)), less(place, size));
  const isInside = node("And", isIn(row, reader.size("height")), isIn(column, reader.size("width")));
  const pixels = reader.read(images, where(isInside, row, number(0)), where(isInside, column, number(0)));
  // One map for all images has a mask for all of them.
  return where(node("Unsqueeze", isInside, doubles.builder.integers([-1])), pixels, fill);
}

function interpolate(reader: PixelReader, images: Name, row: Name, column: Name, fill: Name): Name {
  const { doubles } = reader, { add, sub, mul, floor, number, node } = doubles;
  const [top, left] = [floor(row), floor(column)], [bottom, right] = [top, left].map((a) => add(a, number(1)));
  const share = (a: Name, b: Name) =>
    node("Unsqueeze", doubles.cast(sub(a, b), "float32"), doubles.builder.integers([-1]));
  const alongRow = (at: Name) =>
    add(
      mul(share(right!, column), filledPixel(reader, images, at, left, fill)),
      mul(share(column, left), filledPixel(reader, images, at, right!, fill)),
    );
  return add(mul(share(bottom!, row), alongRow(top)), mul(share(row, top), alongRow(bottom!)));
}
