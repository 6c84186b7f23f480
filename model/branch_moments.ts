/**
 * The similarity of a block's branches: means and covariances of their outputs, and the correlation of Gastaldi (2017,
 * section 3.3) from them. Every pixel of every filter of every image is a sample.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "./network.ts";
import { type Step, withoutPrefix } from "./training_step.ts";

/** Moments of the branches of one block. */
export interface Moments {
  /** Number of images. */
  readonly count: number;
  /** [branches] */
  readonly mean: readonly number[];
  /** [branches][branches] */
  readonly covariance: readonly (readonly number[])[];
}

/**
 * Returns the function that computes the moments of a batch. Inputs: those of `inference`. Outputs: `mean` [blocks, branches]
 * and `covariance` [blocks, branches, branches].
 */
export function branchMoments(net: Network): Step {
  return (inputs) => {
    const values = { ...withoutPrefix("weights/", inputs), ...withoutPrefix("statistics/", inputs) };
    const means: tf.Tensor[] = [], covariances: tf.Tensor[] = [];
    net.logits(inputs["images"] as tf.Tensor4D, {
      training: false,
      values,
      statistics: {},
      observe(_, branches) {
        const ofBlock = branches.map((branch) => tf.mean(branch));
        const centred = branches.map((branch, at) => tf.sub(branch, ofBlock[at]!));
        means.push(...ofBlock);
        covariances.push(...centred.flatMap((a) => centred.map((b) => tf.mean(tf.mul(a, b)))));
      },
    });
    const joined = (scalars: tf.Tensor[]) => tf.concat(scalars.map((scalar) => tf.reshape(scalar, [1])));
    const { blocks: { length: blocks }, branches } = net;
    return {
      mean: tf.reshape(joined(means), [blocks, branches]),
      covariance: tf.reshape(joined(covariances), [blocks, branches, branches]),
    };
  };
}

/** Merges the moments of two sets of images (Chan, Golub & LeVeque 1979). */
export function mergedMoments(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  const [shareA, shareB] = [a.count / count, b.count / count];
  const apart = a.mean.map((mean, at) => mean - b.mean[at]!);
  return {
    count,
    mean: a.mean.map((mean, at) => shareA * mean + shareB * b.mean[at]!),
    covariance: a.covariance.map((row, i) =>
      row.map((value, j) => shareA * value + shareB * b.covariance[i]![j]! + shareA * shareB * apart[i]! * apart[j]!)
    ),
  };
}

/** Returns the mean correlation of all pairs of branches, -1 to 1. A constant branch has correlation 0. */
export function meanCorrelation({ covariance }: Moments): number {
  const correlations = covariance.flatMap((row, i) =>
    row.slice(0, i).map((value, j) => value / Math.sqrt(covariance[i]![i]! * covariance[j]![j]!))
  );
  const known = correlations.map((value) => Number.isFinite(value) ? value : 0);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
