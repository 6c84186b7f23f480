/**
 * How alike the branches of a block have become: means and covariances of their outputs, from which the correlation of
 * Gastaldi (2017, section 3.3) follows. Every pixel of every filter of every image is a sample.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Network } from "./network.ts";
import { type Step, withoutPrefix } from "./training_step.ts";

/** Moments of the branches of one block. */
export interface Moments {
  /** Images they are of. */
  readonly count: number;
  /** [branches] */
  readonly mean: readonly number[];
  /** [branches][branches] */
  readonly covariance: readonly (readonly number[])[];
}

/**
 * Moments of a batch. Inputs: those of inference. Outputs: `mean` [blocks, branches], `covariance` [blocks, branches,
 * branches].
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

/** Moments of two sets of images from those of each (Chan, Golub & LeVeque 1979). */
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

/** The mean over all pairs of branches of their correlation, -1 to 1; 0 where a branch is constant. */
export function meanCorrelation({ covariance }: Moments): number {
  const correlations = covariance.flatMap((row, i) =>
    row.slice(0, i).map((value, j) => value / Math.sqrt(covariance[i]![i]! * covariance[j]![j]!))
  );
  const known = correlations.map((value) => Number.isFinite(value) ? value : 0);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
