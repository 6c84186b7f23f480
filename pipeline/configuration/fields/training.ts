/**
 * Fields of the training: its length, learning rate, augmentation, and the files that it writes.
 *
 * @module
 */
import { z } from "zod";
import { parseAugmentations } from "../../../data/augmentation_list.ts";
import { augmentations } from "../../../data/augmentations.ts";
import { scheduleNames } from "../../../model/schedule.ts";
import { choice, field, path, positive, whole } from "./field.ts";

function isAugmentation(text: string): boolean {
  try {
    parseAugmentations(text);
    return true;
  } catch {
    return false;
  }
}

/** The most epochs of a run. */
export const MOST_EPOCHS = 1e6;

const augmentationNames = Object.keys(augmentations);

export const trainingFields = {
  epochs: field(whole(1, MOST_EPOCHS).default(6), {
    group: "optimisation",
    description: "passes over the training split",
    common: true,
  }),
  batch: field(whole(1, 65536).default(32), {
    group: "optimisation",
    description: "images of a training step, or images that predict classifies at once",
    common: true,
  }),
  learningRate: field(positive.default(0.05), {
    group: "optimisation",
    description: "highest learning rate",
    common: true,
  }),
  schedule: choice(scheduleNames, "cosine", {
    group: "optimisation",
    description:
      "how the learning rate changes: it falls by a cosine, by cosines in periods (restarts, Loshchilov & Hutter 2017), by " +
      "the validation loss (plateau) or in a line (linear), rises and falls in lines (one-cycle), or stays (constant)",
  }),
  warmupEpochs: field(z.number().min(0).max(1e6).default(0), {
    group: "optimisation",
    description: "epochs in which the learning rate rises from 0",
  }),
  restartEpochs: field(positive.default(10), {
    group: "optimisation",
    description: "T_0 of --schedule restarts: epochs of the first period",
  }),
  restartFactor: field(z.number().min(1).max(1e3).default(2), {
    group: "optimisation",
    description: "T_mult of --schedule restarts: how many times longer each period is than the one before",
  }),
  plateauFactor: field(z.number().gt(0).lt(1).default(0.1), {
    group: "optimisation",
    description: "factor by which --schedule plateau multiplies the learning rate",
  }),
  plateauEpochs: field(whole(0).default(10), {
    group: "optimisation",
    description:
      "epochs without a lower validation loss that --schedule plateau tolerates before it lowers the learning rate, as PyTorch's patience",
  }),
  momentum: field(z.number().min(0).lt(1).default(0.9), { group: "optimisation", description: "Nesterov momentum" }),
  weightDecay: field(z.number().min(0).max(1).default(1e-4), {
    group: "optimisation",
    description: "factor of ||w||^2 / 2 over all weights",
  }),
  augment: field(z.string().refine(isAugmentation).default("standard"), {
    group: "augmentation",
    description: "changes to training images, such as standard,cutout:16",
    expects: `none, standard (flip,pad-crop:4), or a list of ${
      augmentationNames.join(", ")
    }, each with or without :AMOUNT`,
    placeholder: "LIST",
    items: ["standard", "none", ...augmentationNames],
    common: true,
  }),
  shuffle: field(z.boolean().default(true), {
    group: "augmentation",
    description: "keeps the order of the images in each epoch",
  }),
  seed: field(whole(0, Number.MAX_SAFE_INTEGER).default(1), {
    group: "run",
    description: "seed of all random draws",
    common: true,
  }),
  init: field(path.optional(), {
    group: "run",
    description:
      "checkpoint whose weights the run starts with; pretrained is the repository's best on CIFAR-10. For other classes the classifier is new",
    expects: "pretrained or a checkpoint file",
    placeholder: "FILE",
  }),
  maxSteps: field(whole(1).optional(), {
    group: "run",
    description: "stops after this many steps; the schedule keeps its length",
  }),
  logEvery: field(whole(1).default(20), {
    group: "output",
    description: "steps between two lines of metrics.jsonl",
  }),
  tensorboard: field(z.boolean().default(false), {
    group: "output",
    description: "writes the metrics for TensorBoard too",
  }),
  checkpointEvery: field(whole(0).default(0), {
    group: "output",
    description: "epochs between two checkpoints that are kept; 0 keeps only last and best",
  }),
  saveSeconds: field(z.number().min(0).max(1e6).default(120), {
    group: "output",
    description: "seconds between two saves of the last checkpoint within an epoch",
  }),
  nonFinite: choice(["stop", "skip"], "stop", {
    group: "optimisation",
    description: "stop at a step whose loss or new weights are NaN or infinite, or skip that step",
  }),
};
