/**
 * Merges the branches of a trained network: the result has no parallel branches and computes the same.
 *
 * With every factor at 1/n, a block is linear in its branches' outputs, and batch norm with fixed statistics is a scale
 * and a shift of each filter. So
 *
 * - batch norm folds into the convolution before it: kernel * scale, and a bias;
 * - the first convolutions of the branches, which read the same image, are one with all their filters;
 * - the last convolutions, 1/n and the sum are one that reads all those filters;
 * - grouped convolutions between them are one with the groups of all;
 * - the two paths of a skip connection, single pixels at (0, 0) and (1, 1) of each stride, are one 2x2 convolution.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ShakeNetwork } from "../model/architectures.ts";
import { EPSILON, groupedConvolution } from "../model/layers.ts";
import type { BlockShape } from "../model/network.ts";
import { stemConvolutions } from "../model/stem.ts";
import type { ShakeNet } from "../model/shakenet.ts";
import type { ShakeResNeXt } from "../model/shake_resnext.ts";

/** Variables of a network by name. */
export type Values = Readonly<Record<string, tf.Tensor>>;

interface Convolution {
  readonly kernel: tf.Tensor4D;
  /** [filters] */
  readonly bias: tf.Tensor1D;
}

/**
 * Computes the logits of the merged network.
 *
 * @param values weights and statistics by variable; constants stay constants once merged
 * @param images normalised, [batch, height, width, 3]
 */
export function mergedLogits(net: ShakeNetwork, values: Values, images: tf.Tensor4D): tf.Tensor2D {
  return logitsOf(values, mergedFeatures(net, values, images));
}

/** Applies the convolutions of the stem, with a ReLU between two. */
const mergedStem = (net: ShakeNetwork, values: Values, images: tf.Tensor4D): tf.Tensor4D =>
  stemConvolutions(net.stem).reduce(
    (x, { convolution, norm, stride }, at) =>
      convolve(at === 0 ? x : tf.relu(x), folded(values, convolution, norm), stride),
    images,
  );

/** Computes the logits of features. */
export const logitsOf = (values: Values, features: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.matMul(features, values["dense/kernel"] as tf.Tensor2D), values["dense/bias"]!);

/**
 * Computes the features of the merged network, an embedding of each image: the global mean before the dense layer, [batch,
 * features]. The arguments are those of {@linkcode mergedLogits}.
 */
const mergedFeatures = (net: ShakeNetwork, values: Values, images: tf.Tensor4D): tf.Tensor2D =>
  featuresOf(mergedMaps(net, values, images));

/** Computes the features of feature maps: their means. */
export const featuresOf = (maps: tf.Tensor4D): tf.Tensor2D => tf.mean<tf.Tensor2D>(maps, [1, 2]);

/** Computes the last feature maps of the merged network, [batch, height, width, features]. */
export function mergedMaps(net: ShakeNetwork, values: Values, images: tf.Tensor4D): tf.Tensor4D {
  const stem = mergedStem(net, values, images);
  return net.architecture === "resnet"
    ? tf.relu(net.blocks.reduce((x, block) => shakeNetBlock(values, net, block, x), stem))
    : net.blocks.reduce((x, block) => shakeResNeXtBlock(values, net, block, x), tf.relu(stem));
}

function shakeNetBlock(values: Values, net: ShakeNet, block: BlockShape, x: tf.Tensor4D): tf.Tensor4D {
  const { name, stride, inFilters, filters } = block;
  const layer = (index: 1 | 2) => layersOf(values, net, block, index);
  const active = tf.relu(x);
  const residual = convolve(tf.relu(convolve(active, sideBySide(layer(1)), stride)), summed(layer(2)), 1);
  if (!net.skip) return residual;
  return tf.add(residual, inFilters === filters ? x : convolve(active, mergedPaths(values, `${name}/skip`), stride));
}

function shakeResNeXtBlock(values: Values, net: ShakeResNeXt, block: BlockShape, x: tf.Tensor4D): tf.Tensor4D {
  const { name, stride, inFilters, filters } = block;
  const layer = (index: 1 | 2 | 3) => layersOf(values, net, block, index);
  const narrow = tf.relu(convolve(x, sideBySide(layer(1)), 1));
  const { kernel, bias } = sideBySide(layer(2));
  const grouped: tf.Tensor4D = tf.add(groupedConvolution(narrow, kernel, net.branches * net.groups, stride), bias);
  const residual = convolve(tf.relu(grouped), summed(layer(3)), 1);
  const skip = inFilters === filters ? x : convolve(x, folded(values, `${name}/skip/conv`, `${name}/skip/bn`), stride);
  return tf.relu(tf.add(residual, skip));
}

/** Returns the convolution at an index of every branch, with the batch norm after it folded in. */
const layersOf = (values: Values, { branches }: ShakeNetwork, { name }: BlockShape, index: number): Convolution[] =>
  Array.from({ length: branches }, (_, at) => {
    const branch = `${name}/branch${at + 1}`;
    return folded(values, `${branch}/conv${index}`, `${branch}/bn${index}`);
  });

/** Merges convolutions of one image into one with all their filters. */
const sideBySide = (layers: readonly Convolution[]): Convolution => ({
  kernel: tf.concat(layers.map(({ kernel }) => kernel), 3),
  bias: tf.concat(layers.map(({ bias }) => bias)),
});

/** Merges convolutions whose results are averaged into one that reads the filters of all. */
const summed = (layers: readonly Convolution[]): Convolution => ({
  kernel: tf.mul(tf.concat(layers.map(({ kernel }) => kernel), 2), 1 / layers.length),
  bias: tf.mul(tf.addN(layers.map(({ bias }) => bias)), 1 / layers.length),
});

function mergedPaths(values: Values, name: string): Convolution {
  const place = (path: string, pixel: 0 | 1) => {
    const sides: [number, number] = [pixel, 1 - pixel];
    return tf.pad4d(values[`${name}/${path}/kernel`] as tf.Tensor4D, [sides, sides, [0, 0], [0, 0]]);
  };
  return normalised(values, tf.concat([place("path1", 0), place("path2", 1)], 3), `${name}/bn`);
}

/** Returns a convolution with the batch norm after it folded in. */
const folded = (values: Values, convolution: string, norm: string): Convolution =>
  normalised(values, values[`${convolution}/kernel`] as tf.Tensor4D, norm);

/** Folds the batch norm after a kernel into it; without batch norm, adds the bias that replaces it. */
function normalised(values: Values, kernel: tf.Tensor4D, norm: string): Convolution {
  const part = (name: string) => values[`${norm}/${name}`] as tf.Tensor1D | undefined;
  const [gamma, variance] = [part("gamma"), part("movingVariance")];
  if (!gamma || !variance) return { kernel, bias: part("beta")! };
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON)));
  return { kernel: tf.mul(kernel, scale), bias: tf.sub(part("beta")!, tf.mul(part("movingMean")!, scale)) };
}

const convolve = (x: tf.Tensor4D, { kernel, bias }: Convolution, stride: number): tf.Tensor4D =>
  tf.add(tf.conv2d(x, kernel, stride, "same"), bias);
