import * as tf from "@tensorflow/tfjs";
import { slicingLowerings } from "../../../onnx/lowerings/slicing.ts";
import { blockedCase, convolvedCase, image, testCase, testLowerings } from "../../support/lowering_cases.ts";

/** Strided slices of a tensor of rank 3, whose first axis has 3 elements at least. */
const strided: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  "forwards": (x) => tf.stridedSlice(x, [1, 0, -3], [3, 1, -1], [1, 1, 1]),
  "with steps": (x) => tf.stridedSlice(x, [0, 0, 1], [99, -1, 4], [2, 1, 2]),
  "backwards": (x) => tf.stridedSlice(x, [2, -1, 3], [0, -99, 0], [-1, -1, -2]),
  "backwards from the end to the start": (x) => tf.stridedSlice(x, [0, 0], [0, 0], [-1, -2], 3, 3),
  "with masks": (x) => tf.stridedSlice(x, [1, 2, 3], [2, 1, 2], [1, 1, 1], 2, 5),
  "that drops axes": (x) => tf.stridedSlice(x, [-1, 0, 2], [0, 1, 3], [1, 1, 1], 0, 0, 0, 0, 5),
  "that adds axes": (x) => tf.stridedSlice(x, [0, 0, 0], [0, 2, 0], [1, 1, 1], 0, 0, 0, 5),
  "with an ellipsis": (x) => tf.stridedSlice(x, [1, 0, 1], [3, 0, 3], [1, 1, 1], 0, 0, 2),
  "with an ellipsis between a new axis and a dropped one": (x) =>
    tf.stridedSlice(x, [0, 0, 0, -2], [0, 0, 0, 0], [1, 1, 1, 1], 0, 0, 2, 5, 8),
};

testLowerings(Object.keys(slicingLowerings), {
  "Slice from a number": testCase((x) => tf.slice(x!, 2), [5]),
  "Slice of the first axes": testCase((x) => tf.slice(x!, [1], [2]), [3, 4]),
  "Slice of a convolution": convolvedCase((y) => tf.slice4d(y, [0, 1, 2, 1], [2, 3, -1, 2])),
  "Slice of a blocked image": blockedCase((y) => [
    tf.slice4d(y, [0, 1, 1, 0], [2, 2, 2, 32]),
    tf.slice4d(y, [0, 0, 0, 3], [2, 4, 3, 16]),
  ]),
  "Slice from within an unknown size": testCase((x) => [tf.slice(x!, [1, 0], [-1, 2]), tf.slice(x!, 1)], [null, 3]),
  "SplitV of an unknown size": testCase(
    (x) => [...tf.split(x!, [1, -1]), ...tf.split(x!, 1)],
    [null, 2],
  ),
  "SplitV in front of and behind an unknown size": testCase((x) => tf.split(tf.concat([x!, x!, x!]), [1, -1, 2]), [
    null,
  ]),
  "SplitV": testCase((x) => tf.split(x!, [1, 2], 3), image),
  "SplitV of a blocked image": blockedCase((y) => [
    ...tf.split(y, 2, 3),
    ...tf.split(y, [8, 24], 3),
    ...tf.split(y, 2, 1),
  ]),
  ...Object.fromEntries(
    Object.entries(strided).flatMap(([what, fn]) => [
      [`StridedSlice ${what}`, testCase((x) => fn(x!), [5, 6, 4])],
      [`StridedSlice ${what}, of unknown sizes`, testCase((x) => fn(tf.concat([x!, x!, x!])), [null, null, 4])],
    ]),
  ),
  "StridedSlice of nothing": testCase((x) => tf.stridedSlice(x!, [0], [2], [1]), [0, 3]),
});
