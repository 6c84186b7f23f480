/**
 * The architectures, by name.
 *
 * @module
 */
import { type ShakeNet, shakeNet } from "./shakenet.ts";
import type { ArchitectureName, Reduction } from "./network_choices.ts";
import { type ShakeResNeXt, shakeResNeXt } from "./shake_resnext.ts";

export type ShakeNetwork = ShakeNet | ShakeResNeXt;

export interface ArchitectureOptions {
  readonly architecture: ArchitectureName;
  readonly depth: number;
  readonly width: number;
  readonly branches: number;
  readonly classes: number;
  /** Factor by which the stem divides height and width; default 1. */
  readonly stem?: Reduction;
  /** Filters of the stem; resnet only. Default: the paper's 16. */
  readonly stemFilters?: number;
  /** Groups of a branch's convolution; resnext only. */
  readonly groups: number;
  /** Adds a block's input to its branches; resnet only. */
  readonly skip: boolean;
  /** Adds batch norm after convolutions, otherwise a bias; resnet only. */
  readonly batchNorm: boolean;
}

/**
 * Builds a network.
 *
 * @throws {RangeError} if the options describe no network; the message says why
 */
export const buildNetwork = (options: ArchitectureOptions): ShakeNetwork =>
  options.architecture === "resnet" ? shakeNet(options) : shakeResNeXt(options);
