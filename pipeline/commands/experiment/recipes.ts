/**
 * Recipes that `experiment recipe` compares at equal compute: each is what it changes of the command's configuration.
 *
 * @module
 */
import type { Configuration } from "../../configuration/fields.ts";

/** A part of a run whose images are smaller. */
export interface SizeShare {
  /** Height and width of its images. */
  readonly side: number;
  /** Its share of the epochs. */
  readonly share: number;
}

export interface Recipe {
  readonly name: string;
  readonly settings: Partial<Configuration>;
  /** Smaller images at the beginning, by their share of the epochs. */
  readonly sizes?: readonly SizeShare[];
}

const recipe = (name: string, settings: Partial<Configuration> = {}, sizes?: readonly SizeShare[]): Recipe => ({
  name,
  settings,
  ...(sizes && { sizes }),
});

const network = (depth: number, width: number): Recipe => recipe(`${depth}-2x${width}d`, { depth, width });

/** airbench's optimiser, schedule and augmentation (Jordan 2024); its learning rate is for another network. */
const airbench: Partial<Configuration> = {
  schedule: "one-cycle",
  labelSmoothing: 0.2,
  whitening: "frozen",
  averaging: "lookahead",
  offsetRate: 64,
  batchNormMomentum: 0.6,
  momentum: 0.85,
  augment: "alternating-flip,reflect-crop:2",
};

/** In the order of the table where accuracies are equal. The first changes nothing. */
export const recipes: readonly Recipe[] = [
  recipe("plain"),
  recipe("unshaken", { shake: "even-even-batch" }),
  recipe("linear", { schedule: "linear" }),
  recipe("one-cycle", { schedule: "one-cycle" }),
  recipe("label-smoothing", { labelSmoothing: 0.1 }),
  recipe("clipping", { clipNorm: 1 }),
  recipe("decay-of-kernels", { decayed: "kernels" }),
  recipe("fast-offsets", { offsetRate: 64 }),
  recipe("ema", { averaging: "ema" }),
  recipe("swa", { averaging: "swa" }),
  recipe("lookahead", { averaging: "lookahead" }),
  recipe("mixup", { mixing: "mixup" }),
  recipe("cutmix", { mixing: "cutmix" }),
  recipe("ricap", { mixing: "ricap" }),
  recipe("alternating-flip", { augment: "alternating-flip,reflect-crop:4" }),
  recipe("cutout", { augment: "standard,cutout:8" }),
  recipe("trivial-augment", { augment: "standard,trivial-augment" }),
  recipe("small-images", {}, [{ side: 16, share: 0.4 }, { side: 24, share: 0.3 }]),
  recipe("late-shaking", { shakeStrength: "0.3:0,0.6:1" }),
  recipe("fading-shaking", { shakeStrength: "0.5:1,1:0" }),
  recipe("whitening", { whitening: "frozen" }),
  recipe("airbench", airbench),
  network(8, 16),
  network(8, 32),
  network(8, 64),
  network(14, 16),
  network(14, 32),
  network(26, 16),
];

export const recipeNames: readonly string[] = recipes.map(({ name }) => name);
