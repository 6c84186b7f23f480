/**
 * A rewrite of the gradients that TensorFlow.js derives, where several paths meet in an image:
 *
 *     step(x)             = step(relu(x))       so that x itself need not be kept for a ReLU's gradient
 *     a * m + b * m       = (a + b) * m         of images, such as a ReLU's mask; also with others added before
 *
 * and sums of what convolutions pass back are one kernel, `SumOfConv2DBackpropInput`, with inputs `dy0`, `filter0`, `dy1`,
 * `filter1`... and the attributes of each.
 *
 * @module
 */
import type { Graph, Kernel, Value } from "../graph/graph.ts";
import { Rewriting, type Rule } from "./rewrite.ts";

const SUM = "SumOfConv2DBackpropInput";

/** The graph with such gradients in fewer kernels. No kernel may stand in it twice. */
export function simplifyGradients(graph: Graph): Graph {
  const rectified = new Map<Value, Value>();
  const step: Rule = ({ inputs, outputs, attributes }, rewriting) => {
    const x = rectified.get(inputs["x"]!);
    if (x) rewriting.add("Step", { x }, outputs[0]!, attributes);
    return x !== undefined;
  };
  const relu: Rule = ({ inputs, outputs }) => {
    rectified.set(inputs["x"]!, outputs[0]!);
    return false;
  };
  return new Rewriting(graph).apply({ Add: add, Relu: relu, Step: step });
}

const add: Rule = (kernel, rewriting) => {
  const { a, b } = kernel.inputs as { a: Value; b: Value };
  const output = kernel.outputs[0]!;
  if (output.shape.length !== 4 || `${a.shape}` !== `${output.shape}` || `${b.shape}` !== `${output.shape}`) {
    return false;
  }
  return addProducts(a, b, output, rewriting) || addToSum(a, b, output, rewriting) ||
    addToSum(b, a, output, rewriting) ||
    addGradients(a, b, output, rewriting);
};

/** a m + b m */
function addProducts(a: Value, b: Value, output: Value, rewriting: Rewriting): boolean {
  const common = commonFactor(rewriting.ownMaker(a, "Multiply"), rewriting.ownMaker(b, "Multiply"));
  if (!common) return false;
  rewriting.add("Multiply", { a: sumOf(...common.others, rewriting), b: common.factor }, output);
  return true;
}

/** (c + a m) + b m */
function addToSum(sum: Value, product: Value, output: Value, rewriting: Rewriting): boolean {
  const inner = rewriting.ownMaker(sum, "Add");
  if (!inner) return false;
  const { a, b } = inner.inputs as { a: Value; b: Value };
  for (const [rest, addend] of [[a, b], [b, a]] as const) {
    const both: Value = { ...output };
    if (!addProducts(addend, product, both, rewriting) && !addGradients(addend, product, both, rewriting)) continue;
    rewriting.add("Add", { a: rest, b: both }, output);
    return true;
  }
  return false;
}

/** What both convolutions, or sums of them, pass back. */
function addGradients(a: Value, b: Value, output: Value, rewriting: Rewriting): boolean {
  const [one, other] = [a, b].map((value) =>
    rewriting.ownMaker(value, "Conv2DBackpropInput") ?? rewriting.ownMaker(value, SUM)
  );
  if (!one || !other || JSON.stringify(one.attributes) !== JSON.stringify(other.attributes)) return false;
  const values = [one, other].flatMap(({ inputs }) =>
    "dy" in inputs ? [inputs["dy"]!, inputs["filter"]!] : Object.values(inputs)
  );
  const filters = values.filter((_, at) => at % 2 === 1);
  if (filters.some(({ shape }) => `${shape}` !== `${filters[0]!.shape}`)) return false;
  const inputs = values.map((value, at) => [`${at % 2 === 0 ? "dy" : "filter"}${at >> 1}`, value]);
  rewriting.add(SUM, Object.fromEntries(inputs), output, one.attributes);
  return true;
}

/** The sum of two images as kernels that may be rewritten in their turn. */
function sumOf(a: Value, b: Value, rewriting: Rewriting): Value {
  const sum: Value = { ...a };
  if (!add({ name: "Add", inputs: { a, b }, attributes: {}, outputs: [sum] }, rewriting)) {
    rewriting.add("Add", { a, b }, sum);
  }
  return sum;
}

/** A factor that two products of images share. */
function commonFactor(one?: Kernel, other?: Kernel): { factor: Value; others: [Value, Value] } | undefined {
  if (!one || !other) return undefined;
  const { a, b } = one.inputs as { a: Value; b: Value }, { a: c, b: d } = other.inputs as { a: Value; b: Value };
  for (const [factor, x, same, y] of [[a, b, c, d], [a, b, d, c], [b, a, c, d], [b, a, d, c]] as const) {
    const areImages = [x, y, factor].every(({ shape }) => `${shape}` === `${one.outputs[0]!.shape}`);
    if (factor === same && areImages) return { factor, others: [x, y] };
  }
  return undefined;
}
