import { exactJson } from "../graph/exact_json.ts";
import type { Kernel, Value } from "../graph/graph.ts";

/** Finds kernels with the same name, inputs and attributes. */
export class Twins {
  readonly #numbers = new Map<Value, number>();
  readonly #byKey = new Map<string, Kernel>();
  #indexed = 0;

  /** Finds the first of the kernels that equals one; `kernels` only grows from call to call. */
  find(kernel: Kernel, kernels: readonly Kernel[]): Kernel | undefined {
    for (; this.#indexed < kernels.length; this.#indexed++) {
      const earlier = kernels[this.#indexed]!, key = this.#key(earlier);
      if (!this.#byKey.has(key)) this.#byKey.set(key, earlier);
    }
    return this.#byKey.get(this.#key(kernel));
  }

  #key({ name, inputs, attributes }: Kernel): string {
    const numbered = Object.entries(inputs).map(([key, value]) => [key, this.#number(value)]);
    return exactJson([name, numbered, attributes]);
  }

  #number(value: Value): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#numbers.set(value, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}
