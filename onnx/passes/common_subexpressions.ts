/**
 * A rewrite: of kernels that compute the same of the same values, as gradients repeat, only the first is left.
 *
 * @module
 */
import type { Graph, Kernel, Value } from "../graph/graph.ts";

/** The graph in which no kernel stands twice. */
export function commonSubexpressions(graph: Graph): Graph {
  const numbers = new Map<Value, number>();
  const number = (value: Value) => numbers.get(value) ?? numbers.set(value, numbers.size).size - 1;
  const first = new Map<Value, Value>();
  const known = (value: Value) => first.get(value) ?? value;
  const kernels = new Map<string, Kernel>();
  for (const { name, inputs, attributes, outputs } of graph.kernels) {
    const values = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, known(value)]));
    const numbered = Object.entries(values).map(([key, value]) => [key, number(value)]);
    const key = JSON.stringify([name, numbered, attributes]);
    const before = kernels.get(key);
    if (before) outputs.forEach((value, at) => first.set(value, before.outputs[at]!));
    else kernels.set(key, { name, inputs: values, attributes, outputs });
  }
  const outputs = Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, known(value)]));
  return { ...graph, kernels: [...kernels.values()], outputs };
}
