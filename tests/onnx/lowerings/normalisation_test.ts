import * as tf from "@tensorflow/tfjs";
import { normalisationLowerings } from "../../../onnx/lowerings/normalisation.ts";
import { randomTensor } from "../../support/eager.ts";
import { blockedCase, type Case, image, testCase, testLowerings } from "../../support/lowering_cases.ts";

const normalise = (x: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, offset?: tf.Tensor, scale?: tf.Tensor) =>
  tf.batchNorm(
    x,
    mean as tf.Tensor1D,
    tf.abs(variance) as tf.Tensor1D,
    offset as tf.Tensor1D,
    scale as tf.Tensor1D,
    0.01,
  );

const lrn = (radius: number, bias: number, alpha: number, beta: number) => (x: tf.Tensor) =>
  tf.localResponseNormalization(x as tf.Tensor4D, radius, bias, alpha, beta);
const radii = [lrn(0, 1, 1, 0.5), lrn(1, 2, 0.5, 0.75), lrn(3, 1, 0.1, 2), lrn(9, 1, 1, 1)];
const channels = [2, 3, 2, 7];

const statistics = (...shape: number[]) => [shape, shape, shape, shape];

testLowerings(Object.keys(normalisationLowerings), {
  "FusedBatchNorm": testCase(
    (x, m, v, o, s) => [normalise(x!, m!, v!, o, s), normalise(x!, m!, v!), normalise(x!, m!, v!, o)],
    [null, null, 5, 3],
    ...statistics(3),
  ),
  "FusedBatchNorm with the default epsilon": testCase(
    (x, m, v) => tf.batchNorm(x!, m as tf.Tensor1D, tf.square(v!) as tf.Tensor1D),
    image,
    [3],
    [3],
  ),
  "FusedBatchNorm of two, three and five dimensions": testCase(
    (x, y, m, v, o, s) => [normalise(x!, m!, v!, o, s), normalise(y!, m!, v!, o, s)],
    [null, 3],
    [4, 5, 3],
    ...statistics(3),
  ),
  "FusedBatchNorm by statistics of pixels": testCase(
    (x, m, v, o, s) => normalise(x!, m!, v!, o, s),
    [null, 6, 5, 3],
    ...statistics(1, 6, 5, 3),
  ),
  "FusedBatchNorm of a convolution's result": blockedCase((y, _, m, v) => normalise(y, m!, v!)),
  "FusedBatchNorm's gradients": testCase(
    (x, m, v, o, s) =>
      tf.grads((x, m, v, o, s) => normalise(x!, m!, v!, o, s))([x!, m!, v!, o!, s!], randomTensor(image, 7)),
    image,
    ...statistics(3),
  ),
  "FusedBatchNorm's gradient for an unknown batch": testCase(
    (x, m, v, o, s) => tf.grad((x) => normalise(x, m!, v!, o, s))(x!, x),
    [null, 6, 5, 3],
    ...statistics(3),
  ),
  "FusedBatchNorm by a variance of 0": {
    ...testCase(
      (x, m, v) => tf.batchNorm(x!, m as tf.Tensor1D, v as tf.Tensor1D, undefined, undefined, 0),
      image,
      [3],
      [3],
    ),
    elements: [undefined, undefined, [0, 4, 0]],
    specialValues: "exact",
  },
  "LRN": testCase((x) => radii.map((fn) => fn(x!)), channels),
  "LRN of an unknown size": testCase((x) => radii.map((fn) => fn(x!)), [null, null, null, 7]),
  "LRN of large numbers beside small ones": {
    ...testCase((x) => radii.map((fn) => fn(x!)), channels),
    from: (x) => x > 0.8 ? 1e6 * x : x,
  } satisfies Case,
  "LRN of infinities": {
    ...testCase((x) => lrn(1, 1, 1, 0.5)(x!), [1, 1, 1, 7]),
    elements: [[1, 2, Infinity, 1, 1, NaN, 1]],
  } satisfies Case,
  "LRN of one image": testCase((x) => tf.localResponseNormalization(x as tf.Tensor3D, 2), [3, 2, 7]),
  "LRN's gradient": testCase((x) => radii.map((fn) => tf.grad(fn)(x!, randomTensor(channels, 7))), channels),
  "LRN's gradient for an unknown batch": testCase((x) => tf.grad(radii[1]!)(x!, x), [null, 3, 2, 7]),
});
