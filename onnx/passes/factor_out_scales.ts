/**
 * A pass that moves scales of images out of gradients of convolutions and out of sums over pixels, so that these read the
 * image itself rather than a multiple of it. A sum over pixels of the product of two images becomes one kernel,
 * `SumOfProducts`, which does not store the product.
 *
 * @module
 */
import { util } from "@tensorflow/tfjs";
import type { Attributes, Kernel, Value } from "../graph/graph.ts";
import { type GraphView, type Pass, rule } from "./rewrite.ts";
import { isImage, multiple } from "./scale_shift.ts";
import { call, combine, type Term } from "./term.ts";

/** The last axis of an image [batch, channels, height, width] is no channel. */
const isChannelsFirst = ({ dataFormat }: Attributes): boolean => dataFormat === "NCHW";

const inputGradient = rule({
  name: "input gradient of a scaled gradient",
  formula: "inputGradient(dy a, f) = inputGradient(dy, f a), a per channel",
  kernels: ["Conv2DBackpropInput", "SumOfConv2DBackpropInput"],
  match({ inputs, attributes }, graph) {
    if (isChannelsFirst(attributes)) return undefined;
    const scaled = Object.entries(inputs).flatMap(([key, value]) => {
      const gradient = key.startsWith("dy") ? multiplePerChannel(value, graph) : undefined;
      return gradient ? [{ dy: key, filter: key.replace("dy", "filter"), ...gradient }] : [];
    });
    return scaled.length ? scaled : undefined;
  },
  replace(scaled, { name, inputs, attributes, outputs }) {
    const changed = scaled.flatMap(({ dy, filter, x, scale }): [string, Term][] => [
      [dy, x],
      [filter, combine("Multiply", inputs[filter]!, scale)],
    ]);
    return call(name, { ...inputs, ...Object.fromEntries(changed) }, outputs[0]!, attributes);
  },
});

const filterGradient = rule({
  name: "filter gradient of a scaled gradient",
  formula: "filterGradient(x, dy a) = filterGradient(x, dy) a, a per channel",
  kernels: ["Conv2DBackpropFilter"],
  match: ({ inputs, attributes }, graph) =>
    isChannelsFirst(attributes) ? undefined : multiplePerChannel(inputs["dy"]!, graph),
  factor: ({ scale }) => scale,
  replace({ x: dy, scale }, { name, inputs, attributes, outputs }) {
    const gradient = call(name, { ...inputs, dy }, outputs[0]!, attributes);
    return call("Multiply", { a: gradient, b: scale }, outputs[0]!);
  },
});

const sumOverPixels = rule({
  name: "sum over pixels of a product",
  formula: "sum(x a) = sum(x) a,  sum(x y a) = sumOfProducts(x, y) a,  mean = sum / pixels",
  kernels: ["Sum", "Mean"],
  match({ inputs, attributes }, graph) {
    const x = inputs["x"]!;
    const isKnown = x.dtype === "float32" && x.shape.every((size) => size >= 0);
    return isKnown && isOverPixels(x, attributes["axis"] as number[]) ? factors(x, graph) : undefined;
  },
  factor: ({ scale }) => scale,
  replace({ images: [a, b], scale }, { name, inputs, attributes, outputs }) {
    const [batch, height, width, channels] = inputs["x"]!.shape as [number, number, number, number];
    const type: Value = { shape: [batch, 1, 1, channels], dtype: a.dtype };
    const sum = b
      ? call("SumOfProducts", { a, b }, type)
      : call("Sum", { x: a }, type, { axis: [1, 2], keepDims: true });
    const scaled = scale ? combine("Multiply", sum, scale) : sum;
    const share: Value = { shape: [], dtype: a.dtype, constant: Float32Array.of(1 / (height * width)) };
    return call(name, { x: name === "Mean" ? combine("Multiply", scaled, share) : scaled }, outputs[0]!, attributes);
  },
});

export const factorOutScales: Pass = {
  name: "factor out scales",
  rules: [inputGradient, filterGradient, sumOverPixels],
};

function multiplePerChannel(value: Value, graph: GraphView): { readonly x: Value; readonly scale: Value } | undefined {
  const scaled = multiple(value, graph);
  return scaled?.scale.shape.length === 1 ? scaled : undefined;
}

function isOverPixels({ shape }: Value, axis: number[]): boolean {
  if (shape.length !== 4) return false;
  const axes = util.parseAxisParam(axis, [...shape]);
  return axes.includes(1) && axes.includes(2) && !axes.includes(3);
}

interface Factors {
  readonly images: readonly [Value] | readonly [Value, Value];
  /** Numbers that all pixels share. */
  readonly scale?: Value;
}

/** Splits an image into the factors of which it is the product. */
function factors(value: Value, graph: GraphView): Factors | undefined {
  const scaled = multiple(value, graph);
  if (scaled) return { images: [scaled.x], scale: scaled.scale };
  const square = graph.soleProducer(value, "Square");
  if (square) return { images: [square.inputs["x"]!, square.inputs["x"]!] };
  const product = graph.producer(value);
  return product?.name === "Multiply" ? factorsOfProduct(product, graph) : undefined;
}

function factorsOfProduct({ inputs, outputs }: Kernel, graph: GraphView): Factors | undefined {
  const { a, b } = inputs as { a: Value; b: Value }, value = outputs[0]!;
  if (!isImage(a, value) || !isImage(b, value)) return undefined;
  for (const [one, other] of [[a, b], [b, a]] as const) {
    const scaled = multiple(one, graph);
    if (scaled) return { images: [scaled.x, other], scale: scaled.scale };
  }
  return graph.isUsedOnce(value) ? { images: [a, b] } : undefined;
}
