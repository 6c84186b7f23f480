import { StridedSlice, type StridedSliceAttrs } from "@tensorflow/tfjs";
import type { Kernel } from "../graph/graph.ts";

/**
 * Leaves the ends of strided slices open that are the size of their axis in every trace, and differ between the traces:
 * `tf.stridedSlice(x, [0], [x.shape[0]], [2])` takes every other row of any number.
 *
 * @param kernels one kernel of the same name in each trace
 */
export function withOpenEnds(kernels: readonly Kernel[]): readonly Kernel[] {
  const slices = kernels.map(({ attributes }) => attributes as unknown as StridedSliceAttrs), [first] = slices;
  // Behind an ellipsis or a new axis, the entries are those of other axes.
  if (kernels[0]!.name !== StridedSlice || slices.some((slice) => slice.ellipsisMask || slice.newAxisMask)) {
    return kernels;
  }
  const isWhole = (axis: number) =>
    slices.every(({ end, strides }, at) => strides[axis]! > 0 && end[axis] === kernels[at]!.inputs["x"]!.shape[axis]);
  const open = first!.end.map((end, axis) => slices.some((slice) => slice.end[axis] !== end) && isWhole(axis));
  const bits = open.reduce((bits, isOpen, axis) => isOpen ? bits | 1 << axis : bits, 0);
  return kernels.map((kernel, at) => {
    const { end, endMask } = slices[at]!;
    const opened = { end: end.map((index, axis) => open[axis] ? 0 : index), endMask: endMask | bits };
    return { ...kernel, attributes: { ...kernel.attributes, ...opened } };
  });
}
