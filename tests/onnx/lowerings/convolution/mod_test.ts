import * as tf from "@tensorflow/tfjs";
import { convolutionLowerings } from "../../../../onnx/lowerings/convolution/mod.ts";
import { convolved, gradientOf } from "../../../support/convolution_cases.ts";
import { blockedCase, convolve, testLowerings } from "../../../support/lowering_cases.ts";

testLowerings(Object.keys(convolutionLowerings), {
  ...convolved,
  "a convolution that leaves the blocks": blockedCase((y) => convolve(y, tf.ones([1, 1, 32, 3]))),
  "the gradient of the image": gradientOf(0, { size: 3 }),
  "the gradient of the filter": gradientOf(1, { size: 3 }),
});
