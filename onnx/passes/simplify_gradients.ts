/**
 * A pass over the gradients that TensorFlow.js derives, where several paths meet in an image: a ReLU's mask multiplies
 * their sum once, and the gradients that convolutions pass back to their input are summed in one kernel.
 *
 * That kernel is `SumOfConv2DBackpropInput`, with inputs `dy0`, `filter0`, `dy1`, `filter1`... and the attributes of each.
 *
 * @module
 */
import { exactJson } from "../graph/exact_json.ts";
import type { Attributes, Kernel, Value } from "../graph/graph.ts";
import { type GraphView, type Pass, rule } from "./rewrite.ts";
import { call } from "./term.ts";

const SUM = "SumOfConv2DBackpropInput";

interface Operands {
  readonly a: Value;
  readonly b: Value;
}

const operands = ({ inputs }: Kernel) => inputs as unknown as Operands;

const stepOfRelu = rule({
  name: "step of a ReLU",
  // So that x need not be kept for the gradient.
  formula: "step(x) = step(relu(x))",
  kernels: ["Step"],
  match: ({ inputs }, graph) => graph.earlierConsumer(inputs["x"]!, "Relu")?.outputs[0],
  replace: (x, { attributes, outputs }) => call("Step", { x }, outputs[0]!, attributes),
});

const commonMask = rule({
  name: "common mask",
  // For any factor, a sum of infinities would lose the NaN of one that is multiplied by 0.
  formula: "a m + b m = (a + b) m, where m is a ReLU's mask",
  kernels: ["Add"],
  match: (kernel, graph) => isSumOfImages(kernel) ? sharedMask(operands(kernel), graph) : undefined,
  replace: ({ a, b, mask }, { outputs }) => call("Multiply", { a: call("Add", { a, b }, a), b: mask }, outputs[0]!),
});

const regroup = rule({
  name: "regroup a sum",
  formula: "(c + x) + y = c + (x + y), where another rule applies to x + y",
  kernels: ["Add"],
  match: (kernel, graph) => isSumOfImages(kernel) ? mergeableAddends(operands(kernel), graph) : undefined,
  replace: ({ rest, a, b }, { outputs }) =>
    call("Add", { a: rest, b: call("Add", { a, b }, outputs[0]!) }, outputs[0]!),
});

const sumOfGradients = rule({
  name: "sum of input gradients",
  formula: "inputGradient(dy, f) + inputGradient(dz, g) = sumOfInputGradients(dy, f, dz, g)",
  kernels: ["Add"],
  match: (kernel, graph) => isSumOfImages(kernel) ? sharedGradients(operands(kernel), graph) : undefined,
  replace: ({ inputs, attributes }, { outputs }) => call(SUM, inputs, outputs[0]!, attributes),
});

/** Needs a graph without identical kernels: two factors are common only if they are one value. */
export const simplifyGradients: Pass = {
  name: "simplify gradients",
  rules: [stepOfRelu, commonMask, regroup, sumOfGradients],
};

function isSumOfImages({ inputs, outputs }: Kernel): boolean {
  const shape = outputs[0]!.shape;
  return shape.length === 4 && Object.values(inputs).every((addend) => `${addend.shape}` === `${shape}`);
}

/** Finds a ReLU's mask that both addends are products of, and what it multiplies. */
function sharedMask(addends: Operands, graph: GraphView): Operands & { readonly mask: Value } | undefined {
  const one = graph.soleProducer(addends.a, "Multiply"), other = graph.soleProducer(addends.b, "Multiply");
  if (!one || !other) return undefined;
  for (const [mask, a] of eitherOrder(operands(one))) {
    for (const [same, b] of eitherOrder(operands(other))) {
      const areImages = [a, b, mask].every(({ shape }) => `${shape}` === `${addends.a.shape}`);
      if (mask === same && areImages && isMask(mask, graph)) return { a, b, mask };
    }
  }
  return undefined;
}

function isMask(value: Value, graph: GraphView): boolean {
  const producer = graph.producer(value);
  if (producer?.name === "Cast") return isMask(producer.inputs["x"]!, graph);
  return producer?.name === "Step" && !producer.attributes["alpha"];
}

/** Finds, in a sum of three, the two that one of the other rules merges. */
function mergeableAddends(addends: Operands, graph: GraphView): Operands & { readonly rest: Value } | undefined {
  for (const [sum, b] of eitherOrder(addends)) {
    const inner = graph.soleProducer(sum, "Add");
    if (!inner) continue;
    for (const [rest, a] of eitherOrder(operands(inner))) {
      if (sharedMask({ a, b }, graph) || sharedGradients({ a, b }, graph)) return { rest, a, b };
    }
  }
  return undefined;
}

/** Finds the inputs of the sum of two input gradients, or sums of them, of convolutions of one geometry. */
function sharedGradients(
  { a, b }: Operands,
  graph: GraphView,
): { readonly inputs: Kernel["inputs"]; readonly attributes: Attributes } | undefined {
  const [one, other] = [a, b].map((value) =>
    graph.soleProducer(value, "Conv2DBackpropInput") ?? graph.soleProducer(value, SUM)
  );
  if (!one || !other || exactJson(one.attributes) !== exactJson(other.attributes)) return undefined;
  const pairs = [...gradientPairs(one), ...gradientPairs(other)];
  if (pairs.some(({ filter }) => `${filter.shape}` !== `${pairs[0]!.filter.shape}`)) return undefined;
  const inputs = Object.fromEntries(
    pairs.flatMap(({ dy, filter }, at) => [[`dy${at}`, dy], [`filter${at}`, filter]] as const),
  );
  return { inputs, attributes: one.attributes };
}

function gradientPairs({ name, inputs }: Kernel): { readonly dy: Value; readonly filter: Value }[] {
  if (name !== SUM) return [{ dy: inputs["dy"]!, filter: inputs["filter"]! }];
  const count = Object.keys(inputs).length / 2;
  return Array.from({ length: count }, (_, at) => ({ dy: inputs[`dy${at}`]!, filter: inputs[`filter${at}`]! }));
}

const eitherOrder = ({ a, b }: Operands) => [[a, b], [b, a]] as const;
