/**
 * Weights with an optimizer of their own: without weight decay, with another rate, or frozen.
 *
 * @module
 */
import { isOfHead } from "./freezing.ts";
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
  /**
   * Factor of the rate of all weights but the head's, whose decay is as much slower: a body that is trained already needs
   * smaller steps than a new head (Howard & Ruder 2018, "Universal language model fine-tuning", section 3.2, has a rate for
   * each layer). Default: 1.
   */
  readonly bodyRate?: number;
  /** Names of weights that keep their initial value. */
  readonly frozen?: readonly string[];
}

/** Returns the function that finds the treatment of a weight; weights of one kind get the same object. */
export function treatments(
  { decayed, offsetRate = 1, bodyRate = 1, frozen = [] }: TreatmentOptions,
): (weight: Variable) => Treatment {
  const decay = decayed === "all" ? 1 : 0;
  const fixed: Treatment = { rate: 0, decay: 0 };
  const offset: Treatment = { rate: offsetRate, decay: decay / offsetRate }, scale: Treatment = { rate: 1, decay };
  const head = { kernel: asAll, offset, scale }, body = withRate(head, bodyRate);
  return ({ name, shape }) => {
    if (frozen.includes(name)) return fixed;
    const of = isOfHead(name) ? head : body;
    if (shape.length > 1) return of.kernel;
    return /\/(beta|bias)$/.test(name) ? of.offset : of.scale;
  };
}

/** Multiplies the rate of each treatment; with a factor of 1 they stay the same objects, which are told apart by identity. */
function withRate<Name extends string>(
  treatments: Readonly<Record<Name, Treatment>>,
  factor: number,
): Readonly<Record<Name, Treatment>> {
  if (factor === 1) return treatments;
  const entries = Object.entries<Treatment>(treatments).map(([name, { rate, decay }]) => [
    name,
    { rate: factor * rate, decay },
  ]);
  return Object.fromEntries(entries) as Record<Name, Treatment>;
}
