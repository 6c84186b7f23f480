/**
 * Rewrites a graph by rules. A rule matches a kernel together with the kernels around it, and replaces it by a term that
 * computes the same values.
 *
 * The kernels are visited in the order in which they run. The first rule that matches replaces the kernel, and the rules
 * are tried on the replacement too, so that rules compose; each must leave less to match than it found. At the end the
 * kernels that no output depends on are removed.
 *
 * @module
 */
import { type Graph, type Kernel, type Value, withoutDeadKernels } from "../graph/graph.ts";
import { isCall, type Term } from "./term.ts";
import { Twins } from "./twins.ts";

/** An identity between kernels, applied from left to right. */
export interface Rule<Match = unknown> {
  readonly name: string;
  /** The identity, to be read. */
  readonly formula: string;
  /** Names of the kernels on which the rule is tried; default: all. */
  readonly kernels?: readonly string[];
  /** Finds the parts of the left side around a kernel. */
  match(kernel: Kernel, graph: GraphView): Match | undefined;
  /** Finds, among those parts, the factor that must be finite for the identity to hold, if there is one. */
  factor?(match: Match): Value | undefined;
  /** Builds the right side: one term for each output of the kernel. */
  replace(match: Match, kernel: Kernel): Term | readonly Term[];
}

/** Forgets the type of a rule's match, so that rules of different matches make one list. */
export const rule = <Match>(rule: Rule<Match>): Rule => rule;

/** Rules that are applied together, in order of preference. */
export interface Pass {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/**
 * A graph as rules see it: rewritten up to the kernel at hand. A value of the old graph that a replacement computes is the
 * same object in the new one.
 */
export interface GraphView {
  /** The rewritten kernel that produces a value; none produces an input of the graph. */
  producer(value: Value): Kernel | undefined;
  /** The producer of a value, if it has this name and nothing else reads the value: fusing it leaves nothing behind. */
  soleProducer(value: Value, name: string): Kernel | undefined;
  /** The kernels of the old graph that read a value. */
  consumers(value: Value): readonly Kernel[];
  /** The last rewritten kernel of this name that reads a value. */
  earlierConsumer(value: Value, name: string): Kernel | undefined;
  /** The rewritten kernel that equals this one: the same name, inputs and attributes. */
  earlierTwin(kernel: Kernel): Kernel | undefined;
  /** Tells whether one kernel, or one output of the graph, reads a value, and reads it once. */
  isUsedOnce(value: Value): boolean;
  /** Tells whether nothing after a kernel of the old graph reads a value. */
  isLastUse(value: Value, kernel: Kernel): boolean;
}

/** Applies the rules of a pass to every kernel of a graph. */
export function applyPass(graph: Graph, { rules }: Pass): Graph {
  const rewriting = new Rewriting(graph, rules);
  for (const kernel of graph.kernels) rewriting.rewrite(kernel);
  return rewriting.graph();
}

class Rewriting implements GraphView {
  readonly #kernels: Kernel[] = [];
  readonly #producers = new Map<Value, Kernel>();
  readonly #earlierConsumers = new Map<Value, Kernel[]>();
  readonly #twins = new Twins();
  /** Values of the old graph that are other values in the new one. */
  readonly #replaced = new Map<Value, Value>();
  readonly #consumers = new Map<Value, Kernel[]>();
  readonly #outputs: ReadonlySet<Value>;
  readonly #uses = new Map<Value, number>();
  /** The scope of the kernel that is being replaced. */
  #scope: string | undefined;

  constructor(readonly old: Graph, readonly rules: readonly Rule[]) {
    this.#outputs = new Set(Object.values(old.outputs));
    for (const kernel of old.kernels) {
      for (const value of Object.values(kernel.inputs)) append(this.#consumers, value, kernel);
    }
    const uses = [...old.kernels.flatMap(({ inputs }) => Object.values(inputs)), ...Object.values(old.outputs)];
    for (const value of uses) this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
  }

  /** Adds a kernel to the new graph, or the replacement of the first rule that matches it. */
  rewrite(kernel: Kernel): void {
    this.#scope = kernel.scope;
    const current = this.#withReplacedInputs(kernel);
    for (const rule of this.rules) {
      if (rule.kernels && !rule.kernels.includes(current.name)) continue;
      const match = rule.match(current, this);
      if (match === undefined) continue;
      const terms = [rule.replace(match, current)].flat();
      return current.outputs.forEach((output, at) => this.#define(output, terms[at]!));
    }
    this.#keep(current);
  }

  graph(): Graph {
    const outputs = mapValues(this.old.outputs, (value) => this.#current(value));
    return withoutDeadKernels({ ...this.old, kernels: this.#kernels, outputs });
  }

  #define(output: Value, term: Term): void {
    if (isCall(term)) this.#compute(term, output, new Map());
    else this.#replaced.set(output, term);
  }

  /** Adds the kernels of a term, those of its inputs first; a call that stands in it twice is computed once. */
  #compute(term: Term, output: Value | undefined, computed: Map<Term, Value>): Value {
    if (!isCall(term)) return term;
    const known = computed.get(term);
    if (known) return known;
    const { kernel: name, attributes, shape, dtype } = term, scope = this.#scope;
    const inputs = mapValues(term.inputs, (input) => this.#compute(input, undefined, computed));
    const value = output ?? { shape, dtype };
    computed.set(term, value);
    this.rewrite({ name, inputs, attributes, outputs: [value], scope });
    return value;
  }

  #keep(kernel: Kernel): void {
    this.#kernels.push(kernel);
    for (const value of kernel.outputs) this.#producers.set(value, kernel);
    for (const value of Object.values(kernel.inputs)) append(this.#earlierConsumers, value, kernel);
  }

  #current(value: Value): Value {
    const replacement = this.#replaced.get(value);
    return replacement ? this.#current(replacement) : value;
  }

  #withReplacedInputs(kernel: Kernel): Kernel {
    if (!Object.values(kernel.inputs).some((value) => this.#replaced.has(value))) return kernel;
    return { ...kernel, inputs: mapValues(kernel.inputs, (value) => this.#current(value)) };
  }

  producer(value: Value): Kernel | undefined {
    return this.#producers.get(value);
  }

  soleProducer(value: Value, name: string): Kernel | undefined {
    const producer = this.producer(value);
    return producer?.name === name && this.isUsedOnce(value) ? producer : undefined;
  }

  consumers(value: Value): readonly Kernel[] {
    return this.#consumers.get(value) ?? [];
  }

  earlierConsumer(value: Value, name: string): Kernel | undefined {
    return this.#earlierConsumers.get(value)?.findLast((kernel) => kernel.name === name);
  }

  earlierTwin(kernel: Kernel): Kernel | undefined {
    return this.#twins.find(kernel, this.#kernels);
  }

  isUsedOnce(value: Value): boolean {
    // A replacement reads each value that it makes once.
    return (this.#uses.get(value) ?? 1) === 1;
  }

  isLastUse(value: Value, kernel: Kernel): boolean {
    return this.consumers(value).at(-1) === kernel && !this.#outputs.has(value);
  }
}

function append<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, fn: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value)]));
