/**
 * Fields of the parts of a training recipe beside the paper's, each with its source. None is used by default.
 *
 * @module
 */
import { z } from "zod";
import { mixingNames } from "../../../data/mixing.ts";
import { parseSizePlan } from "../../../data/picture_sizes.ts";
import { averagingNames } from "../../../model/averaging.ts";
import { airbenchCycle } from "../../../model/linear_schedules.ts";
import { STATISTICS_MOMENTUM } from "../../../model/network_choices.ts";
import { parseStrengthPlan } from "../../../model/shake_strength.ts";
import { freezeNames } from "../../../model/freezing.ts";
import { decayedNames } from "../../../model/weight_treatment.ts";
import { choice, field, positive, whole } from "./field.ts";

/** Tells if a parser accepts a text. */
const accepts = (parse: (text: string) => unknown) => (text: string): boolean => {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
};

/** A number from 0 to below 1. */
const share = z.number().min(0).lt(1);

export const whitenings = ["none", "frozen", "trained"] as const;

export const recipeFields = {
  labelSmoothing: field(share.default(0), {
    group: "optimisation",
    description: "share of each label that all classes take equal parts of (Szegedy et al. 2016)",
  }),
  clipNorm: field(z.number().min(0).max(1e6).default(0), {
    group: "optimisation",
    description: "greatest global norm of the gradients (Pascanu et al. 2013); 0 does not clip",
  }),
  decayed: choice(decayedNames, "all", {
    group: "optimisation",
    description:
      "weights that --weight-decay acts on: all, as in the paper, or kernels alone, without batch norm and biases (Goyal et al. 2017)",
  }),
  offsetRate: field(positive.default(1), {
    group: "optimisation",
    description:
      "factor of the learning rate of batch norm's offsets and of biases, whose decay is divided by it (Jordan 2024 has 64)",
  }),
  batchNormMomentum: field(share.default(STATISTICS_MOMENTUM), {
    group: "optimisation",
    description: "share of the moving statistics of batch norm that a step keeps (Jordan 2024 has 0.6)",
  }),
  cycleBegin: field(z.number().min(0).max(1).default(airbenchCycle.begin), {
    group: "optimisation",
    description: "share of the learning rate that --schedule one-cycle begins with",
  }),
  cyclePeak: field(z.number().min(0).max(1).default(airbenchCycle.peakAt), {
    group: "optimisation",
    description: "share of the run after which --schedule one-cycle reaches the learning rate",
  }),
  cycleEnd: field(z.number().min(0).max(1).default(airbenchCycle.end), {
    group: "optimisation",
    description: "share of the learning rate that --schedule one-cycle ends with",
  }),
  averaging: choice(averagingNames, "none", {
    group: "averaging",
    description:
      "weights that are evaluated and exported: those of the last step (none), their exponential average (ema), the equal " +
      "average of the last part of the run (swa, Izmailov et al. 2018), or lookahead's (Zhang et al. 2019)",
  }),
  averageDecay: field(share.default(0.999), {
    group: "averaging",
    description: "share of the average that a step of --averaging ema keeps",
  }),
  averageWarmup: field(z.boolean().default(true), {
    group: "averaging",
    description: "keeps --average-decay from the first step; otherwise step t keeps at most (1 + t) / (10 + t)",
  }),
  averageFrom: field(share.default(0.75), {
    group: "averaging",
    description: "share of the run after which --averaging swa begins",
  }),
  averageEvery: field(whole(0).default(0), {
    group: "averaging",
    description: "steps between two sets of weights that --averaging swa averages; 0 is an epoch",
  }),
  mixing: choice(["none", ...mixingNames], "none", {
    group: "augmentation",
    description:
      "mixes the images of a batch and their labels: mixup (Zhang et al. 2018), cutmix (Yun et al. 2019), ricap (Takahashi et al. 2018)",
  }),
  mixingAmount: field(positive.optional(), {
    group: "augmentation",
    description: "parameter of the beta distribution of --mixing; without it the paper's: 1, for ricap 0.3",
  }),
  sizes: field(z.string().refine(accepts(parseSizePlan)).default("none"), {
    group: "augmentation",
    description: "smaller images in the first epochs, such as 16:4,24:8: 4 epochs of 16 pixels, then 8 of 24",
    expects: "none, or a list of SIDE:EPOCHS; a side is a multiple of 4 from 8",
    placeholder: "LIST",
  }),
  whitening: choice(whitenings, "none", {
    group: "network",
    description:
      "begins the first convolution with filters that whiten patches of training images (Page 2019), and keeps (frozen) or trains them",
  }),
  freeze: choice(freezeNames, "none", {
    group: "optimisation",
    description:
      "keeps the weights of --init and the statistics of their batch norm up to this part of the network; body is all but the classifier",
  }),
  bodyRate: field(positive.default(1), {
    group: "optimisation",
    description: "factor of the learning rate of all weights but the classifier's, such as 0.1 with --init",
  }),
  shakeStrength: field(z.string().refine(accepts(parseStrengthPlan)).default("0:1"), {
    group: "shaking",
    description:
      "strength of shaking by the share of the run, straight between points: 0.3:0,0.5:1 starts late, 0.5:1,1:0 fades",
    expects: "a list of SHARE:STRENGTH, both from 0 to 1, with shares that rise",
    placeholder: "LIST",
  }),
};
