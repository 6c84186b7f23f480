import * as tf from "@tensorflow/tfjs";
import { slicingLowerings } from "../../../onnx/lowerings/slicing.ts";
import { blockedCase, convolvedCase, image, testCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(slicingLowerings), {
  "Slice from a number": testCase((x) => tf.slice(x!, 2), [5]),
  "Slice of the first axes": testCase((x) => tf.slice(x!, [1], [2]), [3, 4]),
  "Slice of a convolution": convolvedCase((y) => tf.slice4d(y, [0, 1, 2, 1], [2, 3, -1, 2])),
  "Slice of a blocked image": blockedCase((y) => [
    tf.slice4d(y, [0, 1, 1, 0], [2, 2, 2, 32]),
    tf.slice4d(y, [0, 0, 0, 3], [2, 4, 3, 16]),
  ]),
  "SplitV": testCase((x) => tf.split(x!, [1, 2], 3), image),
  "SplitV of a blocked image": blockedCase((y) => [
    ...tf.split(y, 2, 3),
    ...tf.split(y, [8, 24], 3),
    ...tf.split(y, 2, 1),
  ]),
  "StridedSlice": testCase((x) => tf.stridedSlice(x!, [0, 1, 4], [2, 6, 0], [1, 2, -1]), image),
  "StridedSlice to the start": testCase((x) => tf.stridedSlice(x!, [2, 1], [-4, 0], [-1, 1], 0, 2), [3, 4]),
  "StridedSlice that drops an axis": testCase((x) => tf.stridedSlice(x!, [1, 1], [3, 0], [1, 1], 0, 0, 0, 0, 2), [
    3,
    4,
  ]),
  "StridedSlice that adds an axis": testCase((x) => tf.stridedSlice(x!, [0, 1], [0, 3], [1, 1], 0, 0, 0, 1), [3, 4]),
});
