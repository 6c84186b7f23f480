import type { DynamicSize, SizeFormula } from "../graph/graph.ts";
import { fitFormula, fitSize } from "./fit_formula.ts";

/** Numbers the sizes that differ between traces of one function. Two that agree in every trace are one size. */
export class SizeTable {
  readonly #numbers = new Map<string, number>();
  readonly #sizes: { readonly name: string; readonly samples: readonly number[] }[] = [];
  #inputs = 0;

  /** Names the size of an input, from which the others are computed. */
  addInput(name: string, samples: readonly number[]): void {
    if (isConstant(samples) || this.#numbers.has(samples.join())) return;
    this.#add(name, samples);
    this.#inputs = this.#sizes.length;
  }

  /** Returns a size that all traces share, or the number of one that differs. */
  size(samples: readonly number[]): number {
    if (isConstant(samples)) return samples[0]!;
    return this.#numbers.get(samples.join()) ?? this.#add(this.#newName(), samples);
  }

  /** Finds the formula of a number that depends on sizes. */
  formula(samples: readonly number[]): SizeFormula | undefined {
    return fitFormula(samples, this.#inputSamples());
  }

  /** All sizes, with formulas for those that are no input's. */
  sizes(): DynamicSize[] {
    return this.#sizes.map(({ name, samples }, at): DynamicSize => {
      const formula = at < this.#inputs ? undefined : fitSize(samples, this.#inputSamples());
      return formula ? { name, samples, formula } : { name, samples };
    });
  }

  /** A name that no size of an input has, such as that of axis 2 of an input called `size`. */
  #newName(): string {
    const names = new Set(this.#sizes.map(({ name }) => name));
    let number = this.#sizes.length;
    while (names.has(`size_${number}`)) number++;
    return `size_${number}`;
  }

  #inputSamples() {
    return this.#sizes.slice(0, this.#inputs).map(({ samples }) => samples);
  }

  #add(name: string, samples: readonly number[]): number {
    this.#sizes.push({ name, samples });
    this.#numbers.set(samples.join(), -this.#sizes.length);
    return -this.#sizes.length;
  }
}

const isConstant = (samples: readonly number[]) => samples.every((size) => size === samples[0]);
