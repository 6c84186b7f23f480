/**
 * ShakeNet: the residual network of "Shake-Shake regularization" (Gastaldi 2017, section 2 and table 6), as the
 * TensorFlow code of a later write-up builds it; docs/network.md says where the paper's own code differs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { conv2d, type Layer, relu, sequential } from "./layers.ts";
import {
  type BlockShape,
  blockShapes,
  branchesOf,
  classifierOn,
  identity,
  type Network,
  normOrBias,
  residualBlock,
} from "./network.ts";
import { type Reduction, STEM_FILTERS } from "./network_choices.ts";
import { stem, stemTitle } from "./stem.ts";

export interface ShakeNetOptions {
  /** Layers of weights on the longest path: 6 k + 2, for k blocks in each of the three stages. */
  readonly depth: number;
  /** Filters of the first stage, even; the second has twice, the third four times as many. */
  readonly width: number;
  /** Residual branches of a block. */
  readonly branches: number;
  readonly classes: number;
  /** Adds a block's input to its branches; default true. The paper's section 4 removes it. */
  readonly skip?: boolean;
  /** Adds batch norm after convolutions, otherwise a bias (the paper's section 4); default true. */
  readonly batchNorm?: boolean;
  /** Factor by which the stem divides height and width; default 1. */
  readonly stem?: Reduction;
  /** Filters of the stem; default {@linkcode STEM_FILTERS}, the paper's. */
  readonly stemFilters?: number;
}

export interface ShakeNet extends Network, Required<ShakeNetOptions> {
  readonly architecture: "resnet";
}

/** @throws {RangeError} if the depth is not 6 k + 2 or the width is odd */
export function shakeNet(options: ShakeNetOptions): ShakeNet {
  const { depth, width, branches, classes, skip = true, batchNorm = true } = options;
  const { stem: reduction = 1, stemFilters = STEM_FILTERS } = options;
  const blocksPerStage = (depth - 2) / 6;
  if (!(Number.isInteger(blocksPerStage) && blocksPerStage > 0)) {
    throw new RangeError(`depth ${depth} is not 6 k + 2 with k > 0`);
  }
  if (width % 2 !== 0 || width <= 0) throw new RangeError(`width ${width} is not an even number above 0`);
  const norm = normOrBias(batchNorm);
  const blocks = blockShapes(blocksPerStage, stemFilters, (stage) => width * 2 ** (stage - 1));
  const layers = blocks.map((shape, index) =>
    residualBlock(index, branchesOf(branches, shape, branch(norm)), skip ? skipOf(shape, norm) : undefined)
  );
  return {
    architecture: "resnet",
    title: `ShakeNet-${depth} ${branches}x${width}d${stemTitle(reduction, stemFilters)}`,
    ...{ depth, width, branches, classes, skip, batchNorm, stem: reduction, stemFilters, blocks },
    ...classifierOn(sequential(stem(reduction, stemFilters, norm), ...layers, relu), blocks.at(-1)!.filters, classes),
  };
}

type Norm = ReturnType<typeof normOrBias>;

const branch = (norm: Norm) => (name: string, { inFilters, filters, stride }: BlockShape): Layer =>
  sequential(
    relu,
    conv2d(`${name}/conv1`, 3, inFilters, filters, stride),
    norm(`${name}/bn1`, filters),
    relu,
    conv2d(`${name}/conv2`, 3, filters, filters),
    norm(`${name}/bn2`, filters),
  );

const skipOf = (shape: BlockShape, norm: Norm): Layer =>
  shape.inFilters === shape.filters ? identity : reducingSkip(`${shape.name}/skip`, shape, norm);

/** Joins two paths of half the filters. The second sees the image shifted by one pixel, so that no pixel is skipped. */
function reducingSkip(name: string, { inFilters, filters, stride }: BlockShape, norm: Norm): Layer {
  const path1 = conv2d(`${name}/path1`, 1, inFilters, filters / 2);
  const path2 = conv2d(`${name}/path2`, 1, inFilters, filters / 2);
  const after = norm(`${name}/bn`, filters);
  const subsample = (x: tf.Tensor4D) => stride === 1 ? x : tf.avgPool(x, 1, stride, "valid");
  return {
    variables: [path1, path2, after].flatMap(({ variables }) => variables),
    apply(x, pass) {
      const active = tf.relu(x);
      const halves = [
        path1.apply(subsample(active), pass),
        path2.apply(subsample(shifted(active)), pass),
      ];
      return after.apply(tf.concat4d(halves, 3), pass);
    },
  };
}

/** Moves the image up and left by one pixel: pads the bottom and right, and drops the first row and column. */
export function shifted(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return tf.slice4d(tf.pad4d(x, [[0, 0], [0, 1], [0, 1], [0, 0]]), [0, 1, 1, 0], [-1, height, width, -1]);
}
