/**
 * Fields of the network and its shaking.
 *
 * @module
 */
import { z } from "zod";
import { architectureNames, reductions, STEM_FILTERS } from "../../../model/network_choices.ts";
import { samplings, shakeModeNames } from "../../../model/shake_factors.ts";
import { choice, field, inOneWay, whole } from "./field.ts";

export const stems = ["auto", ...reductions.map(String)] as const;

export const networkFields = {
  architecture: choice(architectureNames, "resnet", {
    group: "network",
    description: "resnet is the paper's network for CIFAR-10, resnext its network for CIFAR-100",
  }),
  depth: field(whole(8, 1202).refine((depth) => depth % 6 === 2 || depth % 9 === 2).default(8), {
    group: "network",
    description: "layers of the network; three stages have k blocks each",
    expects: "6 k + 2 (resnet) or 9 k + 2 (resnext) for a whole k, from 8 to 1202",
    common: true,
  }),
  width: field(whole(2, 1024).multipleOf(2).default(16), {
    group: "network",
    description: "filters of the first stage; for resnext, of each group",
    common: true,
  }),
  branches: field(whole(2, 16).default(2), { group: "network", description: "residual branches of a block" }),
  groups: field(whole(1, 256).default(4), {
    group: "network",
    description: "groups of the convolutions of a resnext branch",
  }),
  skip: field(z.boolean().default(true), {
    group: "network",
    description: "removes the skip connections, an ablation of resnet",
  }),
  batchNorm: field(z.boolean().default(true), {
    group: "network",
    description: "replaces batch norm by biases, an ablation of resnet",
  }),
  stem: field(z.preprocess(inOneWay, z.enum(stems)).default("auto"), {
    group: "network",
    description:
      "factor by which the first convolutions divide height and width; auto takes 1 below 64 pixels, 2 below 128, else 4",
    expects: `one of ${stems.join(", ")}`,
  }),
  stemFilters: field(whole(2, 1024).multipleOf(2).default(STEM_FILTERS), {
    group: "network",
    description:
      "filters of a resnet's first convolutions; 16 are the paper's, and 48 keep more of an image that --stem halves",
  }),
  shake: choice(shakeModeNames, "shake-shake-image", {
    group: "shaking",
    description: "weighting of the branches, as in section 2 of Gastaldi 2017, and in table 4 for m1 to m5",
    expects:
      "a mode FORWARD-BACKWARD-LEVEL: forward even or shake; backward even, shake or keep, and after shake also m1 to " +
      "m5; level image or batch",
    common: true,
  }),
  sampling: choice(samplings, "normalized", {
    group: "shaking",
    description:
      "how factors are drawn: normalized is u_i / sum of u, as the write-up's TensorFlow code does; uniform draws from " +
      "all factors that sum to 1, as the paper's Lua code does for two branches",
  }),
};
