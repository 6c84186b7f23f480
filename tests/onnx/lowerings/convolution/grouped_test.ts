import * as tf from "@tensorflow/tfjs";
import { randomTensor } from "../../../support/eager.ts";
import { testCase, testLowerings } from "../../../support/lowering_cases.ts";

/** A grouped convolution as TensorFlow.js spells it. */
function convolveGroups(x: tf.Tensor, f: tf.Tensor, groups: number, stride: number): tf.Tensor {
  const filters = tf.split<tf.Tensor4D>(f as tf.Tensor4D, groups, 3);
  const parts = tf.split<tf.Tensor4D>(x as tf.Tensor4D, groups, 3);
  return tf.concat(parts.map((part, at) => tf.conv2d(part, filters[at]!, stride, "same")), 3);
}

testLowerings(["GroupedConv2D"], {
  "a grouped convolution and its gradients": testCase(
    (x, f) => {
      const forward = (x: tf.Tensor, f: tf.Tensor) => convolveGroups(x, f, 2, 2);
      const y = forward(x!, f!);
      return [y, ...tf.grads(forward)([x!, f!], randomTensor(y.shape, 7))];
    },
    [2, 6, 5, 4],
    [3, 3, 2, 6],
  ),
  "convolutions of parts of NCHW images, which are no groups of channels": testCase(
    (x, f) => {
      const filters = tf.split<tf.Tensor4D>(f as tf.Tensor4D, 2, 3);
      const parts = tf.split<tf.Tensor4D>(x as tf.Tensor4D, 2, 3);
      return tf.concat(parts.map((part, at) => tf.conv2d(part, filters[at]!, 1, "same", "NCHW")), 3);
    },
    [2, 3, 5, 6],
    [3, 3, 3, 8],
  ),
});
