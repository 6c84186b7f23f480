/**
 * The places of a resized image's pixels in the image. Row r of the result lies at r ratio of the image, at
 * (r + 1/2) ratio - 1/2 with half-pixel centres.
 *
 * @module
 */
import type { ResizeBilinearAttrs } from "@tensorflow/tfjs";
import type { Name } from "../../file/encode.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { Doubles } from "./pixels.ts";

/** The rule by which pixels of two sizes lie on each other. */
export type ResizeRule = Pick<ResizeBilinearAttrs, "alignCorners" | "halfPixelCenters">;

/** The ratio of the sizes, or of the distances of the outer pixels if the corners are aligned. */
const ratioOf = (from: number, to: number, { alignCorners }: ResizeRule): number =>
  alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;

/** Where the first pixel's centre lies. */
const centreOf = ({ halfPixelCenters }: ResizeRule): number => halfPixelCenters ? 0.5 : 0;

/** The nearest pixel of an image's side for each one of the result's, as TensorFlow.js computes it. */
export function nearestPixels(from: number, to: number, rule: ResizeRule): number[] {
  const ratio = ratioOf(from, to, rule), centre = centreOf(rule), round = rule.alignCorners ? Math.round : Math.floor;
  return Array.from({ length: to }, (_, at) => clamp(round(ratio * (at + centre)), from));
}

/** The places of the result's pixels between those of an image's side. */
export function places(from: number, to: number, rule: ResizeRule): number[] {
  const ratio = ratioOf(from, to, rule), centre = centreOf(rule);
  return Array.from({ length: to }, (_, at) => clamp(ratio * (at + centre) - centre, from));
}

/** The pixels of an image's side before and after each one of the result's, and the share of the one after. */
export interface Neighbours<Indices, Shares> {
  readonly before: Indices;
  readonly after: Indices;
  readonly share: Shares;
}

/** The neighbours of the result's pixels. A place outside lies between a border pixel and itself. */
export function neighbours(from: number, to: number, rule: ResizeRule): Neighbours<number[], number[]> {
  const ratio = ratioOf(from, to, rule), centre = centreOf(rule);
  const exact = Array.from({ length: to }, (_, at) => ratio * (at + centre) - centre);
  const before = exact.map((place) => Math.max(0, Math.floor(place)));
  const after = exact.map((place) => Math.min(from - 1, Math.ceil(place)));
  return { before, after, share: exact.map((place, at) => place - before[at]!) };
}

const clamp = (place: number, size: number) => Math.max(0, Math.min(size - 1, place));

/** The same places along a side of unknown size, or of unknown size of the result, computed when the graph runs. */
export class ComputedPlaces {
  readonly #doubles: Doubles;
  readonly #from: Name;
  /** ratio (at + centre), as doubles. */
  readonly #scaled: Name;

  constructor(readonly scope: LayoutScope, readonly from: number, to: number, readonly rule: ResizeRule) {
    const doubles = new Doubles(scope.builder), { add, sub, mul, div, where, less, number } = doubles;
    const [start, end] = [from, to].map((size) => doubles.cast(scope.sizes.list([size]), "float64")) as [Name, Name];
    const whole = div(start, end), one = number(1);
    const ratio = rule.alignCorners ? where(less(one, end), div(sub(start, one), sub(end, one)), whole) : whole;
    const steps = add(doubles.range(scope.sizes.list([to]), [-1]), number(centreOf(rule)));
    this.#doubles = doubles;
    this.#from = start;
    this.#scaled = mul(ratio, steps);
  }

  /** The indices of {@linkcode nearestPixels}. */
  nearest(): Name {
    const { floor, round, cast } = this.#doubles;
    return cast(this.#clamp(this.rule.alignCorners ? round(this.#scaled) : floor(this.#scaled)), "int64");
  }

  /** The indices and shares, as doubles, of {@linkcode neighbours}. */
  neighbours(): Neighbours<Name, Name> {
    const { sub, number, node, floor, cast } = this.#doubles, place = sub(this.#scaled, number(centreOf(this.rule)));
    const before = node("Max", number(0), floor(place));
    const after = node("Min", sub(this.#from, number(1)), node("Ceil", place));
    return { before: cast(before, "int64"), after: cast(after, "int64"), share: sub(place, before) };
  }

  /** The weights of the image's pixels in each of the result's, [to, from]. */
  weights(isLinear: boolean): Name {
    const { builder, cast, sub, number, node, range } = this.#doubles;
    const pixels = range(this.scope.sizes.list([this.from]), [1, -1]);
    const column = (name: Name) => node("Reshape", name, builder.integers([-1, 1]));
    if (!isLinear) return cast(node("Equal", column(cast(this.nearest(), "float64")), pixels), "float32");
    const between = this.#clamp(sub(this.#scaled, number(centreOf(this.rule))));
    const distance = node("Abs", sub(column(between), pixels));
    return cast(node("Max", number(0), sub(number(1), distance)), "float32");
  }

  #clamp(place: Name): Name {
    const { node, sub, number } = this.#doubles;
    return node("Max", number(0), node("Min", sub(this.#from, number(1)), place));
  }
}
