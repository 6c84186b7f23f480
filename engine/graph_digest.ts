/**
 * The digest of a traced graph: equal digests, equal graphs.
 *
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import { exactJson, type Graph, type Value } from "../onnx/without_tracer.ts";

/**
 * Returns a digest of everything in a graph. Values are numbered in the order in which they appear, so two traces of one
 * function have the same digest.
 */
export function graphDigest({ sizes, inputs, kernels, outputs }: Graph): string {
  const hash = createHash("sha256");
  const numbers = new Map<Value, number>();
  const numberOf = (value: Value): number => {
    const known = numbers.get(value);
    if (known !== undefined) return known;
    numbers.set(value, numbers.size);
    addValue(hash, value);
    return numbers.size - 1;
  };
  const named = (values: Readonly<Record<string, Value>>) =>
    Object.entries(values).map(([name, value]) => [name, numberOf(value)]);
  add(hash, [sizes ?? [], named(inputs)]);
  for (const { name, scope, attributes, ...kernel } of kernels) {
    add(hash, [name, scope ?? null, attributes, named(kernel.inputs), kernel.outputs.map(numberOf)]);
  }
  add(hash, named(outputs));
  return hash.digest("hex");
}

function addValue(hash: Hash, { shape, dtype, name, constant }: Value): void {
  add(hash, [shape, dtype, name ?? null, constant?.byteLength ?? null]);
  if (constant) hash.update(constant);
}

/** Hashes each item as a line of its own, so that different lists of items never hash the same text. */
const add = (hash: Hash, item: unknown): Hash => hash.update(`${exactJson(item)}\n`);
