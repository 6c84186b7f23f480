/**
 * The common parts of the networks: residual blocks of several branches, summed with factors, and a classifier on the mean
 * of the last image.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { batchNorm, bias, type Layer, type Pass, sequential, type Variable } from "./layers.ts";
import { shake } from "./shake.ts";

/** The place and sizes of a residual block. */
export interface BlockShape {
  readonly name: string;
  readonly inFilters: number;
  readonly filters: number;
  readonly stride: number;
}

export interface Network {
  /** The customary name, such as `ShakeNet-26 2x32d`. */
  readonly title: string;
  readonly blocks: readonly BlockShape[];
  /** Residual branches of a block. */
  readonly branches: number;
  readonly classes: number;
  readonly variables: readonly Variable[];
  /**
   * Computes the logits, [batch, classes].
   *
   * @param images normalised, [batch, height, width, 3]
   */
  logits(images: tf.Tensor4D, pass: Pass): tf.Tensor2D;
  /** Computes the last feature maps, [batch, height, width, filters]; the arguments are those of `logits`. */
  maps(images: tf.Tensor4D, pass: Pass): tf.Tensor4D;
  /** Computes the logits of feature maps: a dense layer on their means. */
  classify(maps: tf.Tensor4D, pass: Pass): tf.Tensor2D;
}

/**
 * Identifies a function of a network for a cache: equal texts mean equal functions. The fields of a network have all of its
 * options.
 *
 * @param name of the function that takes the network and returns it, such as `inference`
 * @param options the other arguments of that function; JSON must be able to write them
 */
export const subjectOf = (name: string, net: Network, options?: unknown): string =>
  JSON.stringify([name, net, options ?? null]);

const DENSE_BIAS = 0.1;

export const IMAGE_CHANNELS = 3;

/** Returns three stages of blocks; the second and third stage begin by halving the image. */
export function blockShapes(
  blocksPerStage: number,
  stemFilters: number,
  filtersOf: (stage: number) => number,
): BlockShape[] {
  let inFilters = stemFilters;
  return [1, 2, 3].flatMap((stage) =>
    Array.from({ length: blocksPerStage }, (_, at): BlockShape => {
      const shape = {
        name: `stage${stage}/block${at + 1}`,
        inFilters,
        filters: filtersOf(stage),
        stride: stage > 1 && at === 0 ? 2 : 1,
      };
      inFilters = shape.filters;
      return shape;
    })
  );
}

/** Adds skip(x) and the sum of factor_i * branch_i(x), the paper's equations 2 and 3; without `skip`, returns the sum. */
export function residualBlock(index: number, branches: readonly Layer[], skip?: Layer): Layer {
  return {
    variables: [...branches, ...(skip ? [skip] : [])].flatMap(({ variables }) => variables),
    apply(x, pass) {
      const outputs = branches.map((layer) => layer.apply(x, pass));
      pass.observe?.(index, outputs);
      const sum = combine(outputs, index, pass);
      return skip ? tf.add(sum, skip.apply(x, pass)) : sum;
    },
  };
}

function combine(outputs: readonly tf.Tensor4D[], block: number, { factors }: Pass): tf.Tensor4D {
  if (!factors) return tf.mul(outputs.reduce((a, b) => tf.add(a, b)), 1 / outputs.length);
  const ofBlock = (all: tf.Tensor3D) => {
    const [, branches, batch] = all.shape;
    return tf.reshape(tf.slice3d(all, [block, 0, 0], [1, branches, batch]), [branches, batch]) as tf.Tensor2D;
  };
  return shake(outputs, ofBlock(factors.alpha), ofBlock(factors.beta));
}

/** Returns the layer after a convolution: batch norm, or a bias in networks without it. */
export const normOrBias = (batchNormed: boolean) => batchNormed ? batchNorm : bias;

/** Adds a classifier to `body`: a dense layer on the mean of its output. */
export function classifierOn(
  body: Layer,
  features: number,
  classes: number,
): Pick<Network, "variables" | "logits" | "maps" | "classify"> {
  const kernel: Variable = {
    name: "dense/kernel",
    kind: "weight",
    shape: [features, classes],
    initial: { type: "glorotUniform", fanIn: features, fanOut: classes },
  };
  const offset: Variable = {
    name: "dense/bias",
    kind: "weight",
    shape: [classes],
    initial: { type: "constant", value: DENSE_BIAS },
  };
  const maps: Network["maps"] = (images, pass) => body.apply(images, pass) as tf.Tensor4D;
  const classify: Network["classify"] = (maps, pass) => {
    const pooled = tf.mean<tf.Tensor2D>(maps, [1, 2]);
    return tf.add(tf.matMul(pooled, pass.values[kernel.name] as tf.Tensor2D), pass.values[offset.name]!);
  };
  return {
    variables: [...body.variables, kernel, offset],
    logits: (images, pass) => classify(maps(images, pass), pass),
    ...{ maps, classify },
  };
}

/** Returns the branches of a block, each with its own weights. */
export const branchesOf = (
  count: number,
  block: BlockShape,
  branch: (name: string, block: BlockShape) => Layer,
): Layer[] => Array.from({ length: count }, (_, at) => branch(`${block.name}/branch${at + 1}`, block));

export const identity: Layer = sequential();
