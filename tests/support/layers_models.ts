/** Ordinary `tf.LayersModel`s, small, with seeded weights. */
import * as tf from "@tensorflow/tfjs";
import { randomArray } from "./random_tensors.ts";

const { layers } = tf;

/** Makes a model, which gets its weights afterwards. */
export interface ModelCase {
  readonly make: () => tf.LayersModel;
  /** Numbers of the inputs: tokens from 0 to this; default: real numbers. */
  readonly tokens?: number;
  /** Sizes of dimensions that are null besides the batch; default: none is. */
  readonly size?: number;
}

type Layer = tf.layers.Layer;

const sequential = (...list: Layer[]) => () => tf.sequential({ layers: list });

/** A model of one input. */
const functional =
  (shape: (number | null)[], fn: (x: tf.SymbolicTensor) => tf.SymbolicTensor | tf.SymbolicTensor[]) => () => {
    const input = tf.input({ shape });
    return tf.model({ inputs: input, outputs: fn(input) });
  };

const apply = (x: tf.SymbolicTensor | tf.SymbolicTensor[], ...list: Layer[]): tf.SymbolicTensor =>
  list.reduce<tf.SymbolicTensor | tf.SymbolicTensor[]>(
    (x, layer) => layer.apply(x) as tf.SymbolicTensor,
    x,
  ) as tf.SymbolicTensor;

const IMAGE: [number, number, number] = [8, 10, 3], SEQUENCE: [number, number] = [5, 4];

const conv = (filters: number, options: Partial<Parameters<typeof layers.conv2d>[0]> = {}) =>
  layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false, ...options });

const normalised = (layer: Layer) => [layer, layers.batchNormalization(), layers.reLU()];

function residual(x: tf.SymbolicTensor, filters: number, strides: number): tf.SymbolicTensor {
  const branch = apply(x, ...normalised(conv(filters, { strides })), conv(filters), layers.batchNormalization());
  const skip = strides === 1 ? x : apply(x, conv(filters, { strides, kernelSize: 1 }), layers.batchNormalization());
  return apply([branch, skip], layers.add(), layers.reLU());
}

/** An inverted bottleneck of MobileNetV2. */
function bottleneck(x: tf.SymbolicTensor, filters: number, strides: number): tf.SymbolicTensor {
  const channels = x.shape.at(-1)!;
  const y = apply(
    x,
    conv(channels * 2, { kernelSize: 1 }),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
    layers.depthwiseConv2d({ kernelSize: 3, strides, padding: "same", useBias: false }),
    layers.batchNormalization(),
    layers.reLU({ maxValue: 6 }),
    conv(filters, { kernelSize: 1 }),
    layers.batchNormalization(),
  );
  return strides === 1 && channels === filters ? apply([x, y], layers.add()) : y;
}

/** U-Net of two levels; `up` doubles the sides. */
const uNet = (sides: (number | null)[], up: (filters: number) => Layer) =>
  functional([...sides, 3], (x) => {
    const fine = apply(x, conv(4, { activation: "relu" }));
    const coarse = apply(fine, layers.maxPooling2d({ poolSize: 2 }), conv(8, { activation: "relu" }));
    return apply([apply(coarse, up(4)), fine], layers.concatenate(), conv(2, { kernelSize: 1, activation: "sigmoid" }));
  });

/** Attention with one head: softmax(q k') v. */
function attention(x: tf.SymbolicTensor): tf.SymbolicTensor {
  const [q, k, v] = [0, 1, 2].map(() => apply(x, layers.dense({ units: 4, useBias: false }))) as tf.SymbolicTensor[];
  const weights = apply([q!, k!], layers.dot({ axes: [2, 2] }), layers.softmax({ axis: 2 }));
  return apply([weights, v!], layers.dot({ axes: [2, 1] }));
}

/** A block of a transformer. */
function transformer(x: tf.SymbolicTensor): tf.SymbolicTensor {
  const attended = apply([x, attention(x)], layers.add(), layers.layerNormalization());
  const hidden = apply(attended, layers.dense({ units: 8, activation: "gelu" }), layers.dense({ units: 4 }));
  return apply([attended, hidden], layers.add(), layers.layerNormalization());
}

function merged(...merges: Layer[]): tf.LayersModel {
  const inputs = [0, 1].map(() => tf.input({ shape: [4] }));
  const towers = inputs.map((input) => apply(input, layers.dense({ units: 4 })));
  return tf.model({ inputs, outputs: merges.map((merge) => apply(towers, merge)) });
}

/** An encoder whose states start a decoder. */
function encoderDecoder(): tf.LayersModel {
  const [source, target] = [4, 3].map((size) => tf.input({ shape: [5, size] })) as [
    tf.SymbolicTensor,
    tf.SymbolicTensor,
  ];
  const [, h, c] = layers.lstm({ units: 6, returnState: true }).apply(source) as tf.SymbolicTensor[];
  const decoded = layers.lstm({ units: 6, returnSequences: true }).apply([target, h!, c!]) as tf.SymbolicTensor;
  return tf.model({
    inputs: [source, target],
    outputs: apply(decoded, layers.dense({ units: 3, activation: "softmax" })),
  });
}

function sharedLayer(): tf.LayersModel {
  const inputs = [0, 1].map(() => tf.input({ shape: [4] })), dense = layers.dense({ units: 3 });
  return tf.model({ inputs, outputs: inputs.map((input) => apply(input, dense)) });
}

const ACTIVATIONS = [
  ...["elu", "hardSigmoid", "linear", "relu", "relu6", "selu", "sigmoid", "softmax", "softplus", "softsign", "tanh"],
  ...["swish", "mish", "gelu", "gelu_new"],
] as const;

const activationCases = ACTIVATIONS.map((activation) =>
  [
    `dense layer with ${activation}`,
    { make: sequential(layers.dense({ units: 6, activation: activation as "relu", inputShape: [4] })) },
  ] as const
);

/** The cases by name. */
export const layersModels: Readonly<Record<string, () => ModelCase>> = {
  ...Object.fromEntries(activationCases.map(([name, tested]) => [name, () => tested])),
  "activation layers": () => ({
    make: functional([6], (x) =>
      [
        layers.leakyReLU({ alpha: 0.1 }),
        layers.prelu(),
        layers.elu(),
        layers.thresholdedReLU({ theta: 0.2 }),
        layers.softmax(),
        layers.reLU({ maxValue: 0.5 }),
      ].map((layer) => apply(x, layer))),
  }),
  "MLP": () => ({
    make: sequential(
      layers.dense({ units: 16, activation: "relu", inputShape: [7] }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: "softmax" }),
    ),
  }),
  "CNN": () => ({
    make: sequential(
      layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu", inputShape: IMAGE }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 6, kernelSize: 2, activation: "elu" }),
      layers.flatten(),
      layers.dense({ units: 3 }),
    ),
  }),
  "convolutions with strides and dilations": () => ({
    make: functional(IMAGE, (x) => [
      apply(x, conv(4, { strides: 2, useBias: true })),
      apply(x, conv(4, { kernelSize: [2, 3], dilationRate: 2 })),
      apply(x, conv(4, { kernelSize: [3, 2], strides: [2, 1], padding: "valid" })),
    ]),
  }),
  "images with channels first": () => ({
    make: sequential(
      layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: "channelsFirst", inputShape: [3, 8, 10] }),
      layers.averagePooling2d({ poolSize: 2, dataFormat: "channelsFirst" }),
    ),
  }),
  "ResNet": () => ({
    make: functional(IMAGE, (x) =>
      apply(
        residual(residual(apply(x, ...normalised(conv(4))), 4, 1), 8, 2),
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 3, activation: "softmax" }),
      )),
  }),
  "MobileNetV2": () => ({
    make: functional(IMAGE, (x) =>
      apply(
        bottleneck(bottleneck(apply(x, ...normalised(conv(4, { strides: 2 }))), 4, 1), 6, 2),
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 3 }),
      )),
  }),
  "separable convolutions": () => ({
    make: sequential(layers.separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2, inputShape: IMAGE })),
  }),
  "U-Net with transposed convolutions": () => ({
    make: uNet([8, 12], (filters) => layers.conv2dTranspose({ filters, kernelSize: 2, strides: 2, padding: "same" })),
  }),
  "U-Net with resizing": () => ({
    make: uNet([8, 12], () => layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" })),
  }),
  "squeeze and excitation": () => ({
    make: functional(IMAGE, (x) => {
      const scale = apply(
        x,
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 3, activation: "hardSigmoid" }),
        layers.reshape({ targetShape: [1, 1, 3] }),
      );
      return apply([x, scale], layers.multiply());
    }),
  }),
  "pooling of images": () => ({
    make: functional(IMAGE, (x) => [
      apply(x, layers.maxPooling2d({ poolSize: 3, strides: 2, padding: "same" })),
      apply(x, layers.averagePooling2d({ poolSize: 3, strides: 2, padding: "same" })),
      apply(x, layers.globalMaxPooling2d({})),
    ]),
  }),
  "convolutions of sequences": () => ({
    make: functional(SEQUENCE, (x) => [
      apply(x, layers.conv1d({ filters: 6, kernelSize: 3, padding: "same", activation: "relu" })),
      apply(x, layers.conv1d({ filters: 6, kernelSize: 2, strides: 2 }), layers.globalMaxPooling1d({})),
      apply(x, layers.maxPooling1d({ poolSize: 2 })),
      apply(x, layers.averagePooling1d({ poolSize: 2 })),
    ]),
  }),
  "volumes": () => ({
    make: sequential(
      layers.conv3d({ filters: 4, kernelSize: 2, activation: "relu", inputShape: [4, 5, 6, 2] }),
      layers.maxPooling3d({ poolSize: 2 }),
      layers.flatten(),
    ),
  }),
  "sides cropped, padded and repeated": () => ({
    make: sequential(
      layers.zeroPadding2d({ padding: [[1, 2], [0, 3]], inputShape: IMAGE }),
      layers.cropping2D({ cropping: [[1, 1], [2, 0]] }),
      layers.upSampling2d({ size: [2, 3] }),
      layers.permute({ dims: [3, 1, 2] }),
    ),
  }),
  "scaled images": () => ({
    make: sequential(
      layers.rescaling({ scale: 0.5, offset: 1, inputShape: IMAGE }),
    ),
  }),
  "repeated vectors": () => ({
    make: sequential(layers.repeatVector({ n: 4, inputShape: [3] }), layers.reshape({ targetShape: [2, 6] })),
  }),
  "batch norm without scale": () => ({
    make: sequential(layers.batchNormalization({ scale: false, inputShape: SEQUENCE })),
  }),
  "layer norm": () => ({
    make: sequential(layers.layerNormalization({ inputShape: SEQUENCE }), layers.layerNormalization({ axis: [1, 2] })),
  }),
  "noise and dropout layers": () => ({
    make: sequential(
      layers.gaussianNoise({ stddev: 1, inputShape: SEQUENCE }),
      layers.gaussianDropout({ rate: 0.5 }),
      layers.alphaDropout({ rate: 0.5 }),
      layers.spatialDropout1d({ rate: 0.5 }),
    ),
  }),
  "SimpleRNN": () => ({
    make: sequential(layers.simpleRNN({ units: 5, returnSequences: true, inputShape: SEQUENCE })),
  }),
  "LSTM": () => ({ make: sequential(layers.lstm({ units: 5, inputShape: SEQUENCE }), layers.dense({ units: 2 })) }),
  "LSTM that reads backwards": () => ({
    make: sequential(layers.lstm({ units: 5, goBackwards: true, returnSequences: true, inputShape: SEQUENCE })),
  }),
  "GRU": () => ({
    make: sequential(
      layers.gru({ units: 5, returnSequences: true, inputShape: SEQUENCE }),
      layers.gru({ units: 3, recurrentActivation: "sigmoid" }),
    ),
  }),
  "bidirectional LSTM": () => ({
    make: sequential(
      layers.bidirectional({
        layer: layers.lstm({ units: 4, returnSequences: true }) as tf.RNN,
        mergeMode: "concat",
        inputShape: SEQUENCE,
      }),
      layers.bidirectional({ layer: layers.gru({ units: 3 }) as tf.RNN, mergeMode: "sum" }),
    ),
  }),
  "stacked recurrent cells": () => ({
    make: sequential(
      layers.rnn({
        cell: [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 2 })],
        inputShape: SEQUENCE,
      }) as Layer,
    ),
  }),
  "encoder and decoder": () => ({ make: encoderDecoder }),
  "LSTM of masked steps": () => ({
    make: sequential(layers.masking({ maskValue: 0, inputShape: SEQUENCE }), layers.lstm({ units: 4 })),
  }),
  "recurrent convolutions": () => ({
    make: sequential(layers.convLstm2d({ filters: 3, kernelSize: 2, inputShape: [3, 5, 6, 2] })),
  }),
  "embedding": () => ({
    tokens: 10,
    make: sequential(
      layers.embedding({ inputDim: 10, outputDim: 4, inputLength: 6 }),
      layers.globalAveragePooling1d({}),
      layers.dense({ units: 2, activation: "sigmoid" }),
    ),
  }),
  "embedding of any length": () => ({
    tokens: 10,
    size: 7,
    make: sequential(layers.embedding({ inputDim: 10, outputDim: 4 }), layers.globalAveragePooling1d({})),
  }),
  "embedding with a mask, GRU": () => ({
    tokens: 4,
    make: sequential(
      layers.embedding({ inputDim: 4, outputDim: 3, inputLength: 5, maskZero: true }),
      layers.gru({ units: 3 }),
    ),
  }),
  "attention": () => ({ make: functional(SEQUENCE, attention) }),
  "transformer": () => ({ make: functional(SEQUENCE, transformer) }),
  "layers that merge": () => ({
    make: () =>
      merged(
        layers.add(),
        layers.average(),
        layers.concatenate(),
        layers.maximum(),
        layers.minimum(),
        layers.multiply(),
        layers.dot({ axes: 1, normalize: true }),
      ),
  }),
  "a layer at every step": () => ({
    make: sequential(
      layers.timeDistributed({ layer: layers.dense({ units: 3, activation: "tanh" }), inputShape: SEQUENCE }),
    ),
  }),
  "a shared layer": () => ({ make: sharedLayer }),
  "nested models": () => ({
    make: functional([4], (x) => {
      const inner = tf.sequential({ layers: [layers.dense({ units: 5, activation: "tanh", inputShape: [4] })] });
      return apply(x, inner, layers.dense({ units: 2 }));
    }),
  }),
  "images of any size": () => ({
    size: 9,
    make: functional(
      [null, null, 3],
      (x) => apply(x, conv(4, { activation: "relu" }), layers.globalAveragePooling2d({})),
    ),
  }),
};

/** Gives a model seeded weights; variances are positive. */
export function seedWeights(model: tf.LayersModel): void {
  const weights = model.weights.map(({ shape, originalName }, at) => {
    const sizes = shape as number[], inputs = tf.util.sizeFromShape(sizes) / sizes.at(-1)!;
    const data = randomArray(sizes, at + 1).map((x) =>
      originalName.includes("variance") ? Math.abs(x) + 0.5 : x / Math.sqrt(inputs)
    );
    return tf.tensor(data, sizes);
  });
  model.setWeights(weights);
}

/** Makes the inputs of a model for a batch. */
export function inputsOf(model: tf.LayersModel, { tokens, size = 1 }: ModelCase, batch: number): tf.Tensor[] {
  return model.inputs.map(({ shape, dtype }, at) => {
    const sizes = [batch, ...shape.slice(1).map((dimension) => dimension ?? size)];
    const data = randomArray(sizes, 10 * batch + at);
    const numbers = tokens ? data.map((x) => Math.floor((x + 1) / 2 * tokens)) : data;
    return tf.tensor(numbers, sizes, dtype);
  });
}
