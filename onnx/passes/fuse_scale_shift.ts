/**
 * A pass that fuses products and sums of an image with numbers that all its pixels share, the sum with another image, and
 * the ReLU of the result, into one kernel: scaleShift(x, a, b, y) = x a + b + y (`scale_shift.ts`).
 *
 * @module
 */
import type { Kernel, Value } from "../graph/graph.ts";
import { type GraphView, type Pass, rule } from "./rewrite.ts";
import { imageAndNumbers, isImage, scaledImage, type ScaleShift, scaleShift } from "./scale_shift.ts";
import { call, combine } from "./term.ts";

const scaleAgain = rule({
  name: "scale of a scaled image",
  formula: "scaleShift(x, a, b, y) c = scaleShift(x, a c, b c, y c)",
  kernels: ["Multiply"],
  match(kernel, graph) {
    const scaled = scaledAndNumbers(kernel, graph);
    if (!scaled || !scaled.isFusible || isScaleLeftToGradients(kernel, scaled, graph)) return undefined;
    return scaled;
  },
  factor: ({ numbers }) => numbers,
  replace({ inner: { x, scale, shift, addend }, numbers }, { outputs }) {
    return scaleShift({
      x,
      scale: scale ? combine("Multiply", scale, numbers) : numbers,
      shift: shift && combine("Multiply", shift, numbers),
      addend: addend && scaleShift({ x: addend, scale: numbers }, addend),
    }, outputs[0]!);
  },
});

const scale = rule({
  name: "scale",
  formula: "x a = scaleShift(x, a)",
  kernels: ["Multiply"],
  match: imageAndNumbers,
  replace: ({ image, numbers }, { outputs }) => scaleShift({ x: image, scale: numbers }, outputs[0]!),
});

const shift = rule({
  name: "shift of a scaled image",
  formula: "scaleShift(x, a, b, y) + c = scaleShift(x, a, b + c, y)",
  kernels: ["Add"],
  match(kernel, graph) {
    const scaled = scaledAndNumbers(kernel, graph);
    return scaled?.isFusible ? scaled : undefined;
  },
  replace: ({ inner, numbers }, { outputs }) =>
    scaleShift({ ...inner, shift: inner.shift ? combine("Add", inner.shift, numbers) : numbers }, outputs[0]!),
});

const addImage = rule({
  name: "sum with an image",
  formula: "scaleShift(x, a, b) + y = scaleShift(x, a, b, y)",
  kernels: ["Add"],
  match({ inputs, outputs }, graph) {
    const { a, b } = inputs as { a: Value; b: Value };
    if (![a, b].every((value) => isImage(value, outputs[0]!) && graph.producer(value))) return undefined;
    for (const [image, addend] of [[a, b], [b, a]] as const) {
      const inner = scaledImage(image, graph);
      if (inner && !inner.addend && graph.isUsedOnce(image)) return { ...inner, addend };
    }
    return undefined;
  },
  replace: (inputs, { outputs }) => scaleShift(inputs, outputs[0]!),
});

const subtract = rule({
  name: "difference",
  formula: "x - b = scaleShift(x, 1, -b)",
  kernels: ["Sub"],
  match(kernel) {
    const operands = imageAndNumbers(kernel);
    return operands?.image === kernel.inputs["a"] ? operands : undefined;
  },
  replace: (operands, { outputs }) => difference(operands, outputs[0]!),
});

const squaredDifference = rule({
  name: "squared difference",
  formula: "(x - b)^2 = square(scaleShift(x, 1, -b))",
  kernels: ["SquaredDifference"],
  match: imageAndNumbers,
  replace: (operands, { outputs }) => call("Square", { x: difference(operands, outputs[0]!) }, outputs[0]!),
});

const relu = rule({
  name: "ReLU",
  formula: "relu(scaleShift(x, a, b, y)) = scaleShift(x, a, b, y) with relu",
  kernels: ["Relu"],
  match({ inputs }, graph) {
    return graph.isUsedOnce(inputs["x"]!) ? scaledImage(inputs["x"]!, graph) : undefined;
  },
  replace: (inner, { outputs }) => scaleShift(inner, outputs[0]!, true),
});

export const fuseScaleShift: Pass = {
  name: "fuse scale and shift",
  rules: [scaleAgain, scale, shift, addImage, subtract, squaredDifference, relu],
};

interface ScaledAndNumbers {
  readonly inner: ScaleShift;
  readonly numbers: Value;
  /** An image that is shifted, or a sum of two, is computed twice when it is fused though something else reads it. */
  readonly isFusible: boolean;
}

/** Finds the operands of a binary kernel, if one is a scaled image and the other has numbers that all pixels share. */
function scaledAndNumbers(kernel: Kernel, graph: GraphView): ScaledAndNumbers | undefined {
  const { image, numbers } = imageAndNumbers(kernel) ?? {};
  const inner = image && scaledImage(image, graph);
  if (!inner) return undefined;
  return { inner, numbers: numbers!, isFusible: !(inner.shift || inner.addend) || graph.isUsedOnce(image) };
}

/** Gradients of convolutions move a scale per channel into their filters, which are smaller than two images. */
const isScaleLeftToGradients = ({ outputs }: Kernel, { inner, numbers }: ScaledAndNumbers, graph: GraphView): boolean =>
  inner.addend !== undefined && numbers.shape.length === 1 && graph.consumers(outputs[0]!).every(isConvolutionGradient);

const isConvolutionGradient = ({ name }: Kernel): boolean =>
  name === "Conv2DBackpropFilter" || name === "Conv2DBackpropInput" || name === "SumOfConv2DBackpropInput";

const difference = ({ image, numbers }: { image: Value; numbers: Value }, type: Value) =>
  scaleShift({ x: image, shift: call("Neg", { x: numbers }, numbers) }, type);
