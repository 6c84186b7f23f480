/**
 * The sizes of the pictures of a folder, and the size to train at.
 *
 * @module
 */
import type { PictureSize } from "../decode_images.ts";
import { suitedSide } from "../suited_side.ts";

/** Points of a distribution. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly greatest: number;
}

export interface Sizes {
  readonly width: Spread;
  readonly height: Spread;
  /** The shorter sides of the pictures, sorted. */
  readonly shorterSides: readonly number[];
  /** The most frequent sizes, the most frequent first. */
  readonly frequent: readonly (PictureSize & { readonly pictures: number })[];
  /** The side to train at: larger pictures cost more time, smaller ones lose what the pictures show. */
  readonly recommendedSide: number;
}

/** Frequent sizes that are listed. */
const FREQUENT = 5;

/** @param sizes at least one */
export function sizesOf(sizes: readonly PictureSize[]): Sizes {
  const shorterSides = sizes.map(({ width, height }) => Math.min(width, height)).toSorted((a, b) => a - b);
  const bySize = Map.groupBy(sizes, ({ width, height }) => `${width} ${height}`);
  const frequent = [...bySize.values()].toSorted((a, b) => b.length - a.length).slice(0, FREQUENT)
    .map((same) => ({ width: same[0]!.width, height: same[0]!.height, pictures: same.length }));
  return {
    width: spreadOf(sizes.map(({ width }) => width)),
    height: spreadOf(sizes.map(({ height }) => height)),
    ...{ shorterSides, frequent, recommendedSide: suitedSide(spreadOf(shorterSides).median) },
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { least: sorted[0]!, median: sorted[sorted.length >> 1]!, greatest: sorted.at(-1)! };
}
