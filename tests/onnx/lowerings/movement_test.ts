import * as tf from "@tensorflow/tfjs";
import { movementLowerings } from "../../../onnx/lowerings/movement.ts";
import { blockedCase, convolve, convolvedCase, image, testCase, testLowerings } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(movementLowerings), {
  "Concat along channels": convolvedCase((y, x) => tf.concat([y, x], 3)),
  "Concat of blocked images": blockedCase((y) => [tf.concat([y, y], 3), tf.concat([y, tf.relu(y)], 1)]),
  "ExpandDims": testCase((x) => [tf.expandDims(x!, 1), tf.expandDims(x!, -1)], [3, 4]),
  "PadV2 of a convolution": convolvedCase((y) => tf.pad4d(y, [[0, 0], [1, 2], [0, 3], [2, 0]], 0.5)),
  "PadV2 of a blocked image": blockedCase((y) => [
    tf.pad4d(y, [[0, 0], [1, 0], [0, 2], [0, 0]], 0.5),
    tf.pad4d(y, [[0, 0], [0, 0], [0, 0], [4, 12]]),
  ]),
  "Reshape": testCase((x) => tf.reshape(x!, [2, 30, -1]), image),
  "Reshape to several unknown sizes": testCase((x) => tf.reshape(x!, x!.shape.toReversed()), [null, null, null]),
  "Reshape of nothing to several unknown sizes": testCase(
    (x, y) => tf.reshape(x!, [y!.shape[0]!, 0, x!.shape[2]!]),
    [0, null, null],
    [null],
  ),
  "Reshape of a blocked image": blockedCase((y) => tf.reshape(y, [8, -1])),
  "Transpose": testCase((x) => tf.transpose(x!, [1, 0, 3, 2]), image),
  "Transpose to channels first and back": testCase(
    (x, filter) => convolve(tf.transpose(x!, [0, 2, 3, 1]), filter!).transpose([0, 3, 1, 2]),
    [2, 3, 6, 5],
    [3, 3, 3, 4],
  ),
  "Transpose of a blocked image": blockedCase((y) => tf.transpose(y, [0, 3, 1, 2])),
});
