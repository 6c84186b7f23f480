/**
 * The networks there are, by name.
 *
 * @module
 */
import { type ShakeNet, shakeNet } from "./shakenet.ts";
import { type ShakeResNeXt, shakeResNeXt } from "./shake_resnext.ts";

export const architectureNames = ["resnet", "resnext"] as const;
export type ArchitectureName = typeof architectureNames[number];

export type ShakeNetwork = ShakeNet | ShakeResNeXt;

export interface ArchitectureOptions {
  readonly architecture: ArchitectureName;
  readonly depth: number;
  readonly width: number;
  readonly branches: number;
  readonly classes: number;
  /** Of resnext. */
  readonly groups: number;
  /** Of resnet. */
  readonly skip: boolean;
  /** Of resnet. */
  readonly batchNorm: boolean;
}

/** @throws {RangeError} if there is no such network; the message says why */
export function buildNetwork(options: ArchitectureOptions): ShakeNetwork {
  const { architecture, depth, width, branches, classes, groups, skip, batchNorm } = options;
  return architecture === "resnet"
    ? shakeNet({ depth, width, branches, classes, skip, batchNorm })
    : shakeResNeXt({ depth, width, branches, classes, groups });
}
