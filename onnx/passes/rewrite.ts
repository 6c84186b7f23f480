/**
 * Rewrites a graph kernel by kernel.
 *
 * @module
 */
import { broadcast_util } from "@tensorflow/tfjs";
import { type Attributes, type Graph, type Kernel, type Value, withoutDeadKernels } from "../graph/graph.ts";

/** Adds what stands for a kernel and says so, or leaves it. */
export type Rule<R extends Rewriting = Rewriting> = (kernel: Kernel, rewriting: R) => boolean;

/** The kernels of the new graph so far. */
export class Rewriting {
  readonly #kernels: Kernel[] = [];
  readonly #makers = new Map<Value, Kernel>();
  readonly #uses = new Map<Value, number>();
  readonly #lastUses = new Map<Value, Kernel>();

  constructor(readonly graph: Graph) {
    const used = [...graph.kernels.flatMap(({ inputs }) => Object.values(inputs)), ...Object.values(graph.outputs)];
    for (const value of used) this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
    for (const kernel of graph.kernels) {
      for (const value of Object.values(kernel.inputs)) this.#lastUses.set(value, kernel);
    }
  }

  /** The graph in which the rule for a kernel's name, where it applies, has rewritten the kernel. */
  apply(rules: Readonly<Record<string, Rule<this>>>): Graph {
    for (const kernel of this.graph.kernels) {
      if (!rules[kernel.name]?.(kernel, this)) this.keep(kernel);
    }
    return withoutDeadKernels({ ...this.graph, kernels: this.#kernels });
  }

  keep(kernel: Kernel): void {
    this.#kernels.push(kernel);
    for (const value of kernel.outputs) this.#makers.set(value, kernel);
  }

  /** Adds a kernel of one output and returns the output: `output`, or a new value, to be used once. */
  add(name: string, inputs: Kernel["inputs"], output: Value, attributes: Attributes = {}): Value {
    this.keep({ name, inputs, attributes, outputs: [output] });
    if (!this.#uses.has(output)) this.#uses.set(output, 1);
    return output;
  }

  /** Adds a binary kernel of numbers that broadcast. */
  combine(name: "Add" | "Multiply", a: Value, b: Value): Value {
    const shape = broadcast_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);
    return this.add(name, { a, b }, { shape, dtype: a.dtype });
  }

  maker(value: Value): Kernel | undefined {
    return this.#makers.get(value);
  }

  isUsedOnce(value: Value): boolean {
    return this.#uses.get(value) === 1;
  }

  /** The kernels of the graph that use a value. */
  consumers(value: Value): readonly Kernel[] {
    return this.graph.kernels.filter(({ inputs }) => Object.values(inputs).includes(value));
  }

  /** Whether a kernel of the graph is the last that uses a value of it, which is no output. */
  isLastUse(value: Value, kernel: Kernel): boolean {
    return this.#lastUses.get(value) === kernel && !Object.values(this.graph.outputs).includes(value);
  }

  /** The kernel of this name that makes a value, if nothing else uses that. */
  ownMaker(value: Value, name: string): Kernel | undefined {
    const maker = this.maker(value);
    return maker?.name === name && this.isUsedOnce(value) ? maker : undefined;
  }
}
