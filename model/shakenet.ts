/**
 * ShakeNet: the residual network of "Shake-Shake regularization" (Gastaldi 2017, section 2 and table 6), as its source
 * code builds it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { batchNorm, conv2d, type Layer, type Pass, relu, sequential, type Variable } from "./layers.ts";
import { shake } from "./shake.ts";

export interface ShakeNetOptions {
  /** Layers of weights on the longest path: 6 k + 2, for k blocks in each of the three stages. */
  readonly depth: number;
  /** Filters of the first stage, even; the second has twice, the third four times as many. */
  readonly width: number;
  /** Residual branches of a block. */
  readonly branches: number;
  readonly classes: number;
}

/** Where a residual block stands and what it maps. */
export interface BlockShape {
  readonly name: string;
  readonly inFilters: number;
  readonly filters: number;
  readonly stride: number;
}

export interface ShakeNet extends ShakeNetOptions {
  readonly blocks: readonly BlockShape[];
  readonly variables: readonly Variable[];
  /** @param images normalised, [batch, 32, 32, 3]; returns [batch, classes] */
  logits(images: tf.Tensor4D, pass: Pass): tf.Tensor2D;
}

const STEM_FILTERS = 16;
const IMAGE_CHANNELS = 3;
const DENSE_BIAS = 0.1;

/** @throws {RangeError} if the depth is not 6 k + 2 or the width is odd */
export function shakeNet(options: ShakeNetOptions): ShakeNet {
  const { branches, classes } = options;
  const blocks = blockShapes(options);
  const stem = sequential(conv2d("stem/conv", 3, IMAGE_CHANNELS, STEM_FILTERS), batchNorm("stem/bn", STEM_FILTERS));
  const body = sequential(stem, ...blocks.map((shape, index) => residualBlock(shape, index, branches)), relu);
  const features = blocks.at(-1)!.filters;
  const kernel: Variable = {
    name: "dense/kernel",
    kind: "weight",
    shape: [features, classes],
    initial: { type: "glorotUniform", fanIn: features, fanOut: classes },
  };
  const bias: Variable = {
    name: "dense/bias",
    kind: "weight",
    shape: [classes],
    initial: { type: "constant", value: DENSE_BIAS },
  };
  return {
    ...options,
    blocks,
    variables: [...body.variables, kernel, bias],
    logits(images, pass) {
      const pooled = tf.mean<tf.Tensor2D>(body.apply(images, pass), [1, 2]);
      return tf.add(tf.matMul(pooled, pass.values[kernel.name] as tf.Tensor2D), pass.values[bias.name]!);
    },
  };
}

/** Three stages of blocks; the second and the third stage begin by halving the image. */
function blockShapes({ depth, width }: ShakeNetOptions): BlockShape[] {
  const blocksPerStage = (depth - 2) / 6;
  if (!(Number.isInteger(blocksPerStage) && blocksPerStage > 0)) {
    throw new RangeError(`depth ${depth} is not 6 k + 2 with k > 0`);
  }
  if (width % 2 !== 0 || width <= 0) throw new RangeError(`width ${width} is not an even number above 0`);
  const shapes: BlockShape[] = [];
  let inFilters = STEM_FILTERS;
  for (let stage = 1; stage <= 3; stage++) {
    for (let block = 1; block <= blocksPerStage; block++) {
      const filters = width * 2 ** (stage - 1);
      shapes.push({
        name: `stage${stage}/block${block}`,
        inFilters,
        filters,
        stride: stage > 1 && block === 1 ? 2 : 1,
      });
      inFilters = filters;
    }
  }
  return shapes;
}

/** skip(x) + the sum of factor_i * branch_i(x), the paper's equations 2 and 3. */
function residualBlock(shape: BlockShape, index: number, count: number): Layer {
  const branches = Array.from({ length: count }, (_, at) => branch(`${shape.name}/branch${at + 1}`, shape));
  const skip = shape.inFilters === shape.filters ? sequential() : reducingSkip(`${shape.name}/skip`, shape);
  return {
    variables: [...branches, skip].flatMap(({ variables }) => variables),
    apply(x, pass) {
      const outputs = branches.map((layer) => layer.apply(x, pass));
      return tf.add(combine(outputs, index, pass), skip.apply(x, pass));
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

const branch = (name: string, { inFilters, filters, stride }: BlockShape): Layer =>
  sequential(
    relu,
    conv2d(`${name}/conv1`, 3, inFilters, filters, stride),
    batchNorm(`${name}/bn1`, filters),
    relu,
    conv2d(`${name}/conv2`, 3, filters, filters),
    batchNorm(`${name}/bn2`, filters),
  );

/** Two paths of half the filters; the second sees the image shifted by one pixel, so together they see all of it. */
function reducingSkip(name: string, { inFilters, filters, stride }: BlockShape): Layer {
  const path1 = conv2d(`${name}/path1`, 1, inFilters, filters / 2);
  const path2 = conv2d(`${name}/path2`, 1, inFilters, filters / 2);
  const norm = batchNorm(`${name}/bn`, filters);
  const subsample = (x: tf.Tensor4D) => stride === 1 ? x : tf.avgPool(x, 1, stride, "valid");
  return {
    variables: [path1, path2, norm].flatMap(({ variables }) => variables),
    apply(x, pass) {
      const active = tf.relu(x);
      const halves = [
        path1.apply(subsample(active), pass),
        path2.apply(subsample(shifted(active)), pass),
      ];
      return norm.apply(tf.concat4d(halves, 3), pass);
    },
  };
}

/** The image moved up and left by one pixel: padded at the bottom and right, without its first row and column. */
export function shifted(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.slice4d(tf.pad4d(x, [[0, 0], [0, 1], [0, 1], [0, 0]]), [0, 1, 1, 0], [-1, height, width, -1]);
}
