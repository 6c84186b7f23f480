/**
 * Presets: named sets of fields to begin with.
 *
 * @module
 */
import type { Given } from "./fields.ts";

/** Named sets of values. */
export const presets = {
  /** The embedded data set, in about a minute. */
  "quick": {},
  /** CIFAR-10 with a network for a CPU: narrower and shorter than the paper's, trained for a fraction of its epochs. */
  "cifar10-small": {
    dataset: "cifar-10",
    depth: 14,
    width: 16,
    epochs: 10,
    batch: 128,
    learningRate: 0.1,
    logEvery: 50,
  },
  /** CIFAR-10 in a few minutes a run, for experiments of many runs: far from what the network can do. */
  "cifar10-tiny": {
    dataset: "cifar-10",
    depth: 8,
    width: 8,
    epochs: 2,
    batch: 128,
    learningRate: 0.1,
    logEvery: 50,
  },
  /** 26 2x32d shake-shake-image as the TensorFlow code of docs/network.md sets it: 13 days on two cores. */
  "cifar10": {
    dataset: "cifar-10",
    depth: 26,
    width: 32,
    epochs: 1800,
    batch: 128,
    learningRate: 0.2,
    logEvery: 100,
    checkpointEvery: 100,
  },
  /** The paper's run of ResNeXt-29 2x4x64d shake-even-image on CIFAR-100 (Gastaldi 2017, section 3.2). */
  "cifar100": {
    dataset: "cifar-100",
    architecture: "resnext",
    depth: 29,
    width: 64,
    groups: 4,
    shake: "shake-even-image",
    epochs: 1800,
    batch: 32,
    learningRate: 0.025,
    weightDecay: 5e-4,
    logEvery: 100,
    checkpointEvery: 100,
  },
} satisfies Record<string, Given>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];
