import * as tf from "@tensorflow/tfjs";
import { randomTensor } from "../../../support/eager.ts";
import { type Case, testCase, testLowerings } from "../../../support/lowering_cases.ts";

type Sides = number | [number, number, number];

const convolve = (strides: Sides, pad: "same" | "valid", dilations: Sides = 1) => (x: tf.Tensor, f: tf.Tensor) =>
  tf.conv3d(x as tf.Tensor5D, f as tf.Tensor5D, strides as 1, pad, "NDHWC", dilations);

type Fn = (x: tf.Tensor, f: tf.Tensor) => tf.Tensor;

const volume = [2, 5, 6, 4, 3], filter = [2, 3, 1, 3, 4];
const gradients = (fn: Fn): Case =>
  testCase((x, f) => tf.grads(fn)([x!, f!], randomTensor(fn(x!, f!).shape, 7)), volume, filter);

testLowerings(["Conv3D", "Conv3DBackpropFilterV2", "Conv3DBackpropInputV2"], {
  "convolutions of volumes": testCase(
    (x, f) =>
      [
        convolve(1, "same"),
        convolve(2, "same"),
        convolve([1, 2, 3], "same"),
        convolve(2, "valid"),
        convolve(1, "same", 2),
        convolve(1, "valid", [2, 1, 3]),
      ].map((fn) => fn(x!, f!)),
    volume,
    filter,
  ),
  "a convolution of one volume": testCase(
    (x, f) => tf.conv3d(x as tf.Tensor4D, f as tf.Tensor5D, 1, "same"),
    [5, 6, 4, 3],
    filter,
  ),
  "convolutions of volumes of an unknown size": testCase(
    (x, f) => [convolve(1, "same")(x!, f!), convolve([2, 2, 1], "same")(x!, f!)],
    [null, null, 6, null, 3],
    filter,
  ),
  "gradients, same": gradients(convolve(1, "same")),
  "gradients, stride 2": gradients(convolve(2, "same")),
  "gradients, valid": gradients(convolve([1, 2, 1], "valid")),
  "gradients, strides above the window": gradients(convolve([3, 1, 2], "same")),
  "gradients for an unknown batch": testCase(
    (x, f) => tf.grads(convolve(2, "same"))([x!, f!], convolve(2, "same")(x!, f!)),
    [null, 5, 6, 4, 3],
    filter,
  ),
  "a transposed convolution of volumes": testCase(
    (x, f) => tf.conv3dTranspose(x as tf.Tensor5D, f as tf.Tensor5D, [2, 9, 6, 8, 4], 2, "same"),
    [2, 5, 3, 4, 3],
    [2, 3, 1, 4, 3],
  ),
});
