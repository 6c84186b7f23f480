/** Models to train in TensorFlow.js and in onnxruntime, from the same weights on the same data. */
import * as tf from "@tensorflow/tfjs";
import { randomTensor } from "./eager.ts";
import { seedWeights } from "./layers_models.ts";

const { layers } = tf;

/** A CNN with everything that training treats specially: batch norm, dropout, a regularizer, a frozen layer. */
export function smallCnn(): tf.Sequential {
  const model = tf.sequential({
    layers: [
      layers.conv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu", inputShape: [6, 6, 3] }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        activation: "tanh",
        kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }),
      }),
      layers.flatten(),
      layers.dense({ units: 6, activation: "sigmoid", trainable: false }),
      // With a seed TensorFlow.js drops the same numbers in every step.
      layers.dropout({ rate: 0.25, seed: 7 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ],
  });
  seedWeights(model);
  return model;
}

/** Images of three classes, in turn. */
export const images = (count: number): { readonly xs: tf.Tensor4D; readonly ys: tf.Tensor } => ({
  xs: randomTensor<tf.Rank.R4>([count, 6, 6, 3], 5),
  ys: tf.oneHot(tf.tensor1d(Array.from({ length: count }, (_, at) => at % 3), "int32"), 3),
});

/** The elements of all weights of a model. */
export const weightsOf = (model: tf.LayersModel): number[] =>
  model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
