/**
 * A trained ShakeNet as a plain residual network that computes the same.
 *
 * With every factor at 1/n, a block is linear in its branches' outputs, and batch norm with fixed statistics is a scale
 * and a shift of each filter. So
 *
 * - batch norm folds into the convolution before it: kernel * scale, and a bias;
 * - the first convolutions of the branches, which read the same image, are one with all their filters;
 * - the second convolutions, 1/n and the sum are one that reads all those filters;
 * - the two paths of a skip connection, single pixels at (0, 0) and (1, 1) of each stride, are one 2x2 convolution.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { EPSILON } from "../model/layers.ts";
import type { BlockShape, ShakeNet } from "../model/shakenet.ts";

/** Variables of a network by name. */
export type Values = Readonly<Record<string, tf.Tensor>>;

interface Convolution {
  readonly kernel: tf.Tensor4D;
  /** [filters] */
  readonly bias: tf.Tensor1D;
}

/**
 * The logits of the merged network.
 *
 * @param values weights and statistics by variable; where they are constants, so is all that is derived from them
 * @param images normalised, [batch, 32, 32, 3]
 */
export function mergedLogits(net: ShakeNet, values: Values, images: tf.Tensor4D): tf.Tensor2D {
  const stem = folded(values, values["stem/conv/kernel"]!, "stem/bn");
  const body = net.blocks.reduce((x, block) => mergedBlock(values, block, net.branches, x), convolve(images, stem, 1));
  const pooled = tf.mean<tf.Tensor2D>(tf.relu(body), [1, 2]);
  return tf.add(tf.matMul(pooled, values["dense/kernel"] as tf.Tensor2D), values["dense/bias"]!);
}

function mergedBlock(
  values: Values,
  { name, stride, inFilters, filters }: BlockShape,
  count: number,
  x: tf.Tensor4D,
): tf.Tensor4D {
  const branches = Array.from({ length: count }, (_, at) => `${name}/branch${at + 1}`);
  const layer = (index: 1 | 2) =>
    branches.map((branch) => folded(values, values[`${branch}/conv${index}/kernel`]!, `${branch}/bn${index}`));
  const first = layer(1), second = layer(2);
  const expand: Convolution = {
    kernel: tf.concat(first.map(({ kernel }) => kernel), 3),
    bias: tf.concat(first.map(({ bias }) => bias)),
  };
  const reduce: Convolution = {
    kernel: tf.mul(tf.concat(second.map(({ kernel }) => kernel), 2), 1 / count),
    bias: tf.mul(tf.addN(second.map(({ bias }) => bias)), 1 / count),
  };
  const active = tf.relu(x);
  const residual = convolve(tf.relu(convolve(active, expand, stride)), reduce, 1);
  const skip = inFilters === filters ? x : convolve(active, mergedSkip(values, `${name}/skip`), stride);
  return tf.add(residual, skip);
}

function mergedSkip(values: Values, name: string): Convolution {
  const path1 = values[`${name}/path1/kernel`] as tf.Tensor4D, path2 = values[`${name}/path2/kernel`] as tf.Tensor4D;
  const place = (kernel: tf.Tensor4D, pixel: 0 | 1) => {
    const sides: [number, number] = [pixel, 1 - pixel];
    return tf.pad4d(kernel, [sides, sides, [0, 0], [0, 0]]);
  };
  return folded(values, tf.concat([place(path1, 0), place(path2, 1)], 3), `${name}/bn`);
}

/** A convolution's kernel with the batch norm after it. */
function folded(values: Values, kernel: tf.Tensor, norm: string): Convolution {
  const statistic = (part: string) => values[`${norm}/${part}`] as tf.Tensor1D;
  const scale = tf.mul(statistic("gamma"), tf.rsqrt(tf.add(statistic("movingVariance"), EPSILON)));
  return { kernel: tf.mul(kernel, scale), bias: tf.sub(statistic("beta"), tf.mul(statistic("movingMean"), scale)) };
}

const convolve = (x: tf.Tensor4D, { kernel, bias }: Convolution, stride: number): tf.Tensor4D =>
  tf.add(tf.conv2d(x, kernel, stride, "same"), bias);
