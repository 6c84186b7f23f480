/**
 * Weights that the optimizer treats otherwise than the others: without weight decay, with a rate of their own, or frozen.
 *
 * @module
 */
import type { Variable } from "./layers.ts";

/** Factors of the optimizer's rate and of its weight decay for a weight; a rate of 0 freezes it. */
export interface Treatment {
  readonly rate: number;
  readonly decay: number;
}

/** As the optimizer's options say. */
export const asAll: Treatment = { rate: 1, decay: 1 };

export const decayedNames = ["all", "kernels"] as const;
export type Decayed = typeof decayedNames[number];

export interface TreatmentOptions {
  /**
   * Which weights decay: all of them, as in the paper's code, or the kernels of convolutions and of the dense layer alone,
   * and neither batch norm's scales and offsets nor biases (Goyal et al. 2017, section 5.3; He et al. 2019, "Bag of tricks",
   * section 3.1).
   */
  readonly decayed: Decayed;
  /**
   * Factor of the rate of offsets and biases; their decay is divided by it, so that a step shrinks them as it does without
   * (Jordan 2024, section 3.4, has 64). Default: 1.
   */
  readonly offsetRate?: number;
  /** Names of weights that keep their initial value. */
  readonly frozen?: readonly string[];
}

/** A function that always gives the same treatment for the same kind of weight. */
export function treatments(
  { decayed, offsetRate = 1, frozen = [] }: TreatmentOptions,
): (weight: Variable) => Treatment {
  const decay = decayed === "all" ? 1 : 0;
  const fixed: Treatment = { rate: 0, decay: 0 };
  const offset: Treatment = { rate: offsetRate, decay: decay / offsetRate }, scale: Treatment = { rate: 1, decay };
  return ({ name, shape }) => {
    if (frozen.includes(name)) return fixed;
    if (shape.length > 1) return asAll;
    return /\/(beta|bias)$/.test(name) ? offset : scale;
  };
}
