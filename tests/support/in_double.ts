/**
 * References in double precision, and the bound that follows from them for float32.
 *
 * A function of TensorFlow.js runs in a worker whose CPU backend computes with doubles (`double_worker.ts`): once exactly, and
 * then as float32 may round it (`rounded_kernels.ts`). What the rounding changes, times lambda, bounds every implementation in
 * float32, whatever order it sums in.
 */
import assert from "#assert";
import type { HostTensor } from "../../engine/engine.ts";
import { relativeDifference, ROUNDING } from "./equal_runs.ts";

type Doubles = Readonly<Record<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>>;

/** Multiple of the modelled rounding that is allowed; see `rounded_kernels.ts`. */
const LAMBDA = 4;
/** Draws of the modelled rounding; the largest counts. */
const SEEDS = [1, 2];

/** Runs functions of a module in double precision. Arguments are host tensors and what a message can carry. */
export class InDouble<Argument> implements Disposable {
  readonly #worker = new Worker(new URL("./double_worker.ts", import.meta.url), { type: "module" });

  /** @param name the exported function, which takes one argument and returns tensors or undefined */
  constructor(readonly module: URL, readonly name: string) {}

  /** Computes the exact result. */
  exact = (argument: Argument): Promise<Doubles | undefined> => this.#run(argument, undefined);

  /**
   * Finds for each tensor of an exact result how far a float32 implementation may be from it, relative to the largest
   * element.
   */
  async bounds(argument: Argument, exact: Doubles): Promise<Readonly<Record<string, number>>> {
    const bounds: Record<string, number> = {};
    for (const seed of SEEDS) {
      const rounded = (await this.#run(argument, seed))!;
      for (const [name, { data }] of Object.entries(exact)) {
        const difference = relativeDifference(rounded[name]!.data, data);
        bounds[name] = Math.max(bounds[name] ?? LAMBDA * ROUNDING, LAMBDA * difference);
      }
    }
    return bounds;
  }

  #run(argument: Argument, seed: number | undefined): Promise<Doubles | undefined> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data: { result, error } }) => error ? reject(new Error(error)) : resolve(result);
      const request = { module: this.module.href, name: this.name, argument: inDoubles(argument), seed };
      this.#worker.postMessage(request);
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

/** Copies an argument with doubles in place of float32. */
function inDoubles(value: unknown): unknown {
  if (value instanceof Float32Array) return Float64Array.from(value);
  if (Array.isArray(value)) return value.map(inDoubles);
  if (ArrayBuffer.isView(value) || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inDoubles(part)]));
}

/**
 * Asserts that tensors are within their bounds of the exact ones.
 *
 * @returns the largest error in shares of its bound, and where it is
 */
export function assertWithin(
  actual: Readonly<Record<string, HostTensor>>,
  exact: Doubles,
  bounds: Readonly<Record<string, number>>,
  what: string,
): { readonly share: number; readonly text: string } {
  const errors = Object.entries(exact).map(([name, { data }]) => {
    const error = relativeDifference(actual[name]!.data, data), bound = bounds[name]!;
    const text = `${what}: ${name} is off by ${error.toPrecision(2)}, float32 allows ${bound.toPrecision(2)}`;
    return { share: error / bound, text };
  });
  const worst = errors.reduce((a, b) => b.share > a.share ? b : a);
  assert.ok(worst.share <= 1, worst.text);
  return worst;
}
