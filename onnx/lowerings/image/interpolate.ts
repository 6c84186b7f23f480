/**
 * Linear interpolation as TensorFlow.js computes it, in doubles:
 *
 *     a + (b - a) share
 *
 * of two columns a and b, then of two rows. A place on a pixel has that pixel for a and b, so no neighbour is multiplied by 0,
 * which makes NaN of infinities.
 *
 * @module
 */
import type { Name } from "../../file/encode.ts";
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { isUnknown } from "../windows/windows.ts";
import { Doubles } from "./pixels.ts";
import { ComputedPlaces, type Neighbours, neighbours, type ResizeRule } from "./resize_places.ts";

/** Resizes an image [batch, height, width, channels] of float32 to [batch, channels, ...size]. */
export function interpolate(
  scope: LayoutScope,
  image: Value,
  [height, width]: readonly [number, number],
  rule: ResizeRule,
): Name {
  const doubles = new Doubles(scope.builder);
  const [rows, columns] = [[image.shape[1]!, height], [image.shape[2]!, width]].map(([from, to]) =>
    namedNeighbours(scope, from!, to!, rule)
  ) as [Neighbours<Name, Name>, Neighbours<Name, Name>];
  const pixels = doubles.cast(scope.name(image, "channelsFirst"), "float64");
  const row = doubles.node("Unsqueeze", rows.share, scope.builder.integers([-1]));
  const alongRows = between(doubles, pixels, 3, columns);
  return doubles.cast(between(doubles, alongRows, 2, { ...rows, share: row }), "float32");
}

function between(doubles: Doubles, image: Name, axis: number, { before, after, share }: Neighbours<Name, Name>): Name {
  const [a, b] = [before, after].map((pixels) => doubles.builder.node("Gather", [image, pixels], { axis })) as [
    Name,
    Name,
  ];
  return doubles.add(a, doubles.mul(doubles.sub(b, a), share));
}

function namedNeighbours(scope: LayoutScope, from: number, to: number, rule: ResizeRule): Neighbours<Name, Name> {
  if (isUnknown(from) || isUnknown(to)) return new ComputedPlaces(scope, from, to, rule).neighbours();
  const { before, after, share } = neighbours(from, to, rule), { builder } = scope;
  return {
    before: builder.integers(before),
    after: builder.integers(after),
    share: builder.constant(Float64Array.from(share), [to], "float64"),
  };
}
