import * as tf from "@tensorflow/tfjs";
import { batchNormTraining } from "../../model/batch_norm.ts";
import { batchNorm } from "../../model/layers.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";

await useCpu();
const EPSILON = 1e-5;
const shape = [3, 4, 2, 5];
const x = randomTensor<tf.Rank.R4>(shape, 1).add(2).mul(3) as tf.Tensor4D;
const gamma = randomTensor<tf.Rank.R1>([5], 2), beta = randomTensor<tf.Rank.R1>([5], 3);

/** The definition, composed of TensorFlow.js's own operations, whose gradients are TensorFlow.js's. */
function reference(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return x.sub(mean).div(variance.add(EPSILON).sqrt()).mul(gamma).add(beta);
}

Deno.test("training batch norm is its definition", () => {
  const { y, mean, variance } = batchNormTraining(x, gamma, beta, EPSILON);
  const moments = tf.moments(x, [0, 1, 2]);
  assertClose(y.dataSync(), reference(x, gamma, beta).dataSync(), 1e-5);
  assertClose(mean.dataSync(), moments.mean.dataSync(), 1e-6);
  assertClose(variance.dataSync(), moments.variance.dataSync(), 1e-6);
});

Deno.test("the closed form of the gradient is TensorFlow.js's gradient of the definition", () => {
  const dy = randomTensor(shape, 4);
  const ours = tf.grads((x, gamma, beta) =>
    batchNormTraining(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON).y
  )([x, gamma, beta], dy);
  const theirs = tf.grads(reference)([x, gamma, beta], dy);
  ours.forEach((gradient, at) =>
    assertClose(gradient.dataSync(), theirs[at]!.dataSync(), 2e-5, ["dx", "dgamma", "dbeta"][at])
  );
});

Deno.test("moving statistics keep 0.9 and take 0.1 of the batch's mean and unbiased variance", () => {
  const statistics: tf.NamedTensorMap = {};
  const values = {
    "n/gamma": gamma,
    "n/beta": beta,
    "n/movingMean": tf.fill([5], 7),
    "n/movingVariance": tf.fill([5], 3),
  };
  batchNorm("n", 5).apply(x, { training: true, values, statistics });
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  assertClose(statistics["n/movingMean"]!.dataSync(), mean.mul(0.1).add(6.3).dataSync(), 1e-6);
  assertClose(statistics["n/movingVariance"]!.dataSync(), variance.mul(24 / 23).mul(0.1).add(2.7).dataSync(), 1e-6);
});

Deno.test("inference uses the moving statistics", () => {
  const movingMean = randomTensor([5], 5), movingVariance = randomTensor([5], 6).add(2);
  const values = { "n/gamma": gamma, "n/beta": beta, "n/movingMean": movingMean, "n/movingVariance": movingVariance };
  const y = batchNorm("n", 5).apply(x, { training: false, values, statistics: {} });
  const expected = tf.batchNorm(x, movingMean as tf.Tensor1D, movingVariance as tf.Tensor1D, beta, gamma, EPSILON);
  assertClose(y.dataSync(), expected.dataSync(), 1e-5);
});
