/**
 * Presets: named sets of values to start with.
 *
 * @module
 */
import type { Given } from "./fields.ts";

export interface Preset {
  /** One or two sentences, for the help and the documents. */
  readonly description: string;
  readonly values: Given;
  /** More values, for new weights on the embedded data set alone. */
  readonly ofShapes?: Given;
  /** More values, for new weights alone: a run with --init begins with the weights of a checkpoint. */
  readonly ofNewWeights?: Given;
  /** More values, unless there is no validation. */
  readonly ofValidation?: Given;
}

/**
 * A recipe for 4,500 small pictures of figures, measured over five seeds (docs/results). Filters that whiten the pictures tell
 * outlines apart from the first step on, so the rate may be high; shaking fades, so the last epochs fit the network as it is
 * exported.
 */
const shapesRecipe = {
  epochs: 2,
  learningRate: 0.2,
  schedule: "one-cycle",
  cycleEnd: 0,
  whitening: "frozen",
  shakeStrength: "0:1,0.5:0",
} as const satisfies Given;

/** The run of the 26 2x32d network that the write-up and the paper share. */
const shakeNet26 = {
  dataset: "cifar-10",
  depth: 26,
  width: 32,
  epochs: 1800,
  batch: 128,
  learningRate: 0.2,
  logEvery: 100,
  checkpointEvery: 100,
};

export const presets = {
  "quick": {
    description:
      "The embedded data set with a small network, in about a minute. Its recipe is for that data set: others, and runs " +
      "that begin with --init, have the defaults of the flags.",
    values: {},
    ofShapes: shapesRecipe,
  },
  "own-images": {
    description:
      "A folder of hundreds of pictures (--images), with a small network, for 60 epochs; for thousands of pictures, add " +
      "--time 1h.",
    values: {
      dataset: "folder",
      epochs: 60,
      learningRate: 0.1,
      schedule: "one-cycle",
      cycleEnd: 0,
      weightDecay: 0.001,
      decayed: "kernels",
      labelSmoothing: 0.1,
    },
    ofNewWeights: { whitening: "frozen" },
    // Of some dozens of validation images, one more that is right says less than the loss.
    ofValidation: { best: "loss" },
  },
  "cifar10-small": {
    description:
      "CIFAR-10 in one to two hours on two CPU cores: a shallow, wide network that halves the pictures first, trained without " +
      "shaking on all pictures for 18 epochs.",
    values: {
      dataset: "cifar-10",
      validation: "none",
      depth: 8,
      width: 64,
      stem: "2",
      stemFilters: 48,
      whitening: "frozen",
      shake: "even-even-batch",
      epochs: 18,
      batch: 128,
      learningRate: 0.2,
      offsetRate: 64,
      schedule: "one-cycle",
      cycleBegin: 0.1,
      cyclePeak: 0.25,
      cycleEnd: 0,
      weightDecay: 0.001,
      decayed: "kernels",
      batchNormMomentum: 0.6,
      labelSmoothing: 0.1,
      augment: "alternating-flip,reflect-crop:2",
      logEvery: 50,
    },
  },
  "cifar10-tiny": {
    description: "CIFAR-10 in a few minutes, for experiments of many runs; its accuracy is low.",
    values: {
      dataset: "cifar-10",
      validation: "none",
      depth: 8,
      width: 8,
      epochs: 2,
      batch: 128,
      learningRate: 0.1,
      logEvery: 50,
    },
  },
  "cifar10-few": {
    description:
      "Few (5,000) training pictures of CIFAR-10 with a network that fits them, where regularization matters: for " +
      "experiment shaking, about 20 minutes a run on two CPU cores. The last checkpoint counts; the test pictures only " +
      "draw the curve.",
    values: {
      dataset: "cifar-10",
      trainingPictures: "5000",
      validation: "test",
      validateEvery: 5,
      checkpoint: "last",
      depth: 8,
      width: 32,
      stem: "2",
      epochs: 100,
      batch: 64,
      learningRate: 0.1,
      logEvery: 50,
    },
  },
  "cifar10": {
    description:
      "The write-up's run on CIFAR-10: 26 2x32d, shake-shake-image, as its TensorFlow code trains it; the test " +
      "pictures choose its best checkpoint. It takes about 13 days on two CPU cores.",
    values: { ...shakeNet26, validation: "test" },
  },
  "paper": {
    description:
      "The paper's run on CIFAR-10 as far as the options express its Lua code: 26 2x32d, shake-shake-image, " +
      "factors drawn from U(0,1), learning rate 0.2, weight decay 1e-4. They do not express the opposite shift of the " +
      "skip connection, the padding of strided convolutions on both sides, the He-normal initialisation and the zero " +
      "bias. It takes as long as cifar10.",
    values: {
      ...shakeNet26,
      validation: "none",
      shake: "shake-shake-image",
      sampling: "uniform",
      momentum: 0.9,
      weightDecay: 1e-4,
    },
  },
  "cifar100": {
    description:
      "The paper's ResNeXt-29 2x4x64d, shake-even-image, on CIFAR-100 (Gastaldi 2017, section 3.2), with the " +
      "write-up's draws.",
    values: {
      dataset: "cifar-100",
      validation: "none",
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
  },
} satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];

/**
 * The values of a preset beside others, which may choose another data set or a checkpoint to begin with.
 *
 * @param others values that override the preset's
 */
export function presetValues(name: PresetName, others: Given): Given {
  const { values, ofShapes = {}, ofNewWeights = {}, ofValidation = {} }: Preset = presets[name];
  const { dataset = "shapes", init, validation } = { ...values, ...others };
  return {
    ...values,
    ...(init === undefined && ofNewWeights),
    ...(init === undefined && dataset === "shapes" && ofShapes),
    ...(validation !== "none" && ofValidation),
  };
}
