import { slice_util, type StridedSliceAttrs } from "@tensorflow/tfjs";
import { isDynamic } from "../graph/graph.ts";

/** Tells whether a strided slice of a shape has elements at some sizes of the unknown dimensions. */
export function mayHaveElements(shape: readonly number[], attributes: StridedSliceAttrs): boolean {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes;
  const isFilled = shape.map(() => false);
  for (const size of boundaries([...begin, ...end])) {
    const sizes = shape.map((known) => isDynamic(known) ? size : known);
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    try {
      const info = slice_util.sliceInfo(sizes, begin, end, strides, ...masks);
      info.begin.forEach((first, axis) => isFilled[axis] ||= (info.end[axis]! - first) * info.strides[axis]! > 0);
    } catch {
      // An index lies outside this size.
    }
  }
  return isFilled.every(Boolean);
}

/** The sizes near which a slice gets or loses elements: its numbers, and the sums of two of them. */
function boundaries(numbers: readonly number[]): ReadonlySet<number> {
  const lengths = [0, ...numbers.map(Math.abs)];
  const sums = lengths.flatMap((one) => lengths.map((other) => one + other));
  return new Set(sums.flatMap((sum) => [-2, -1, 0, 1, 2].map((more) => sum + more)).filter((size) => size > 0));
}
