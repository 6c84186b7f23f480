/**
 * The network of the paper's CIFAR-100 results (Gastaldi 2017, section 3.2 and table 3): ResNeXt (Xie, Girshick, Dollár,
 * Tu & He 2017) without pre-activation, whose bottleneck branches have grouped convolutions. ResNeXt-29 2x4x64d has two
 * branches of four groups of 64 filters in its first stage.
 *
 * @module
 */
import { batchNorm, conv2d, groupedConv2d, type Layer, relu, sequential } from "./layers.ts";
import {
  type BlockShape,
  blockShapes,
  branchesOf,
  classifierOn,
  identity,
  type Network,
  residualBlock,
} from "./network.ts";
import type { Reduction } from "./network_choices.ts";
import { stem, stemTitle } from "./stem.ts";

export interface ShakeResNeXtOptions {
  /** Layers of weights on the longest path: 9 k + 2, for k blocks in each of the three stages. */
  readonly depth: number;
  /** Filters of a group in the first stage; the second has twice, the third four times as many. */
  readonly width: number;
  /** Groups of a branch's 3x3 convolution. */
  readonly groups: number;
  /** Residual branches of a block. */
  readonly branches: number;
  readonly classes: number;
  /** Factor by which the stem divides height and width; default 1. */
  readonly stem?: Reduction;
}

export interface ShakeResNeXt extends Network, Required<ShakeResNeXtOptions> {
  readonly architecture: "resnext";
}

const STEM_FILTERS = 64;

/** @throws {RangeError} if the depth is not 9 k + 2 */
export function shakeResNeXt(options: ShakeResNeXtOptions): ShakeResNeXt {
  const { depth, width, groups, branches, classes, stem: reduction = 1 } = options;
  const blocksPerStage = (depth - 2) / 9;
  if (!(Number.isInteger(blocksPerStage) && blocksPerStage > 0)) {
    throw new RangeError(`depth ${depth} is not 9 k + 2 with k > 0`);
  }
  const blocks = blockShapes(blocksPerStage, STEM_FILTERS, (stage) => groups * width * 2 ** (stage - 1));
  const layers = blocks.flatMap((shape, index) => [
    residualBlock(index, branchesOf(branches, shape, branch(groups)), skipOf(shape)),
    relu,
  ]);
  return {
    architecture: "resnext",
    title: `ShakeResNeXt-${depth} ${branches}x${groups}x${width}d${stemTitle(reduction)}`,
    ...{ depth, width, groups, branches, classes, stem: reduction, blocks },
    ...classifierOn(
      sequential(stem(reduction, STEM_FILTERS, batchNorm), relu, ...layers),
      blocks.at(-1)!.filters,
      classes,
    ),
  };
}

const branch = (groups: number) => (name: string, { inFilters, filters, stride }: BlockShape): Layer =>
  sequential(
    conv2d(`${name}/conv1`, 1, inFilters, filters),
    batchNorm(`${name}/bn1`, filters),
    relu,
    groupedConv2d(`${name}/conv2`, 3, filters, filters, groups, stride),
    batchNorm(`${name}/bn2`, filters),
    relu,
    conv2d(`${name}/conv3`, 1, filters, filters),
    batchNorm(`${name}/bn3`, filters),
  );

/** Returns the identity, or a projection if the number of filters changes. */
const skipOf = ({ name, inFilters, filters, stride }: BlockShape): Layer =>
  inFilters === filters
    ? identity
    : sequential(conv2d(`${name}/skip/conv`, 1, inFilters, filters, stride), batchNorm(`${name}/skip/bn`, filters));
