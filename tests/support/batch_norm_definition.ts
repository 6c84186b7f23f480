/** Batch norm by its definition, composed of TensorFlow.js's own operations, whose gradients are TensorFlow.js's. */
import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../../engine/engine.ts";

/** The epsilon of the batch norm. */
export const EPSILON = 1e-5;

export function batchNormDefinition(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2]);
  return x.sub(mean).div(variance.add(EPSILON).sqrt()).mul(gamma).add(beta);
}

export type BatchNormTensors = Readonly<Record<"x" | "gamma" | "beta" | "dy", HostTensor>>;

/** Computes the result of the definition and its gradients, of host tensors: in a worker, in double precision. */
export function batchNormGradients(tensors: BatchNormTensors): Record<string, HostTensor> {
  const [x, gamma, beta, dy] = (["x", "gamma", "beta", "dy"] as const).map((name) =>
    tf.tensor(tensors[name].data, [...tensors[name].shape])
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  const [dx, dgamma, dbeta] = tf.grads(batchNormDefinition)([x, gamma, beta], dy);
  const results = { y: batchNormDefinition(x, gamma, beta), dx: dx!, dgamma: dgamma!, dbeta: dbeta! };
  return Object.fromEntries(
    Object.entries(results).map((
      [name, tensor],
    ) => [name, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }]),
  );
}
