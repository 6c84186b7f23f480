import * as tf from "@tensorflow/tfjs";
import { convolutionLowerings } from "../../../../onnx/lowerings/convolution/mod.ts";
import { convolved, gradientOf } from "../../../support/convolution_cases.ts";
import { blockedCase, convolve, testCase, testLowerings } from "../../../support/lowering_cases.ts";

testLowerings(Object.keys(convolutionLowerings), {
  ...convolved,
  "a convolution that leaves the blocks": blockedCase((y) => convolve(y, tf.ones([1, 1, 32, 3]))),
  "the gradient of the image": gradientOf(0, { size: 3 }),
  "the gradient of the filter": gradientOf(1, { size: 3 }),
  "the gradients of a depthwise convolution": testCase(
    (x, f) =>
      tf.grads((x, f) => tf.square(tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same")))([x!, f!]),
    [2, 5, 4, 3],
    [3, 3, 3, 2],
  ),
  "the gradients of a convolution of volumes": testCase(
    (x, f) => tf.grads((x, f) => tf.square(tf.conv3d(x as tf.Tensor5D, f as tf.Tensor5D, 1, "same")))([x!, f!]),
    [2, 5, 4, 3, 3],
    [3, 3, 2, 3, 2],
  ),
});
