/**
 * Initial values of variables.
 *
 * @module
 */
import type { Initial, Variable } from "./layers.ts";

/** An initial value. */
export interface InitialTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Draws initial values.
 *
 * @param uniformFor returns the stream of uniform numbers in [0, 1) for the variable at an index
 * @returns initial values by the variables' names
 */
export function initialise(
  variables: readonly Variable[],
  uniformFor: (index: number) => () => number,
): Record<string, InitialTensor> {
  return Object.fromEntries(variables.map(({ name, shape, initial }, index) => {
    const next = elements(initial, uniformFor(index));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    // Float32Array.from takes twice the time.
    for (let at = 0; at < data.length; at++) data[at] = next();
    return [name, { shape, data }];
  }));
}

function elements(initial: Initial, uniform: () => number): () => number {
  if (initial.type === "constant") return () => initial.value;
  const limit = Math.sqrt(6 / (initial.fanIn + initial.fanOut));
  return () => limit * (2 * uniform() - 1);
}
