import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../../engine/engine.ts";
import { batchNormTraining } from "../../model/batch_norm.ts";
import { batchNorm } from "../../model/layers.ts";
import { assertClose } from "../support/assert_close.ts";
import { batchNormGradients, type BatchNormTensors, EPSILON } from "../support/batch_norm_definition.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { assertWithin, InDouble } from "../support/in_double.ts";

await useCpu();
const shape = [3, 4, 2, 5];
const x = randomTensor<tf.Rank.R4>(shape, 1).add(2).mul(3) as tf.Tensor4D;
const gamma = randomTensor<tf.Rank.R1>([5], 2), beta = randomTensor<tf.Rank.R1>([5], 3);

const dy = randomTensor(shape, 4);
const host = (tensor: tf.Tensor): HostTensor => ({ shape: tensor.shape, data: tensor.dataSync() as Float32Array });

Deno.test("training batch norm and the closed form of its gradient are those of the definition in double precision", async () => {
  const argument = { x: host(x), gamma: host(gamma), beta: host(beta), dy: host(dy) };
  const module = new URL("../support/batch_norm_definition.ts", import.meta.url);
  using double = new InDouble<BatchNormTensors>(module, "batchNormGradients");
  const exact = (await double.exact(argument))!, bounds = await double.bounds(argument, exact);
  const ours = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) =>
    batchNormTraining(x as tf.Tensor4D, gamma as tf.Tensor1D, beta as tf.Tensor1D, EPSILON).y;
  const [dx, dgamma, dbeta] = tf.grads(ours)([x, gamma, beta], dy).map(host);
  const actual = { y: host(ours(x, gamma, beta)), dx: dx!, dgamma: dgamma!, dbeta: dbeta! };
  console.log(assertWithin(actual, exact, bounds, "batchNormTraining").text);
  assertWithin(batchNormGradients(argument), exact, bounds, "the definition in float32");
});

Deno.test("training batch norm gives the mean and the variance of a batch", () => {
  const { mean, variance } = batchNormTraining(x, gamma, beta, EPSILON);
  const moments = tf.moments(x, [0, 1, 2]);
  assertClose(mean.dataSync(), moments.mean.dataSync(), 1e-6);
  assertClose(variance.dataSync(), moments.variance.dataSync(), 1e-6);
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
