/**
 * A rewrite: what a function spells as products and sums of an image with numbers that all its pixels share (one per
 * channel, one per image of the batch, or one per both) is one kernel `ScaleShift`,
 *
 *     y = x * scale + shift + addend,   or the ReLU of that
 *
 * which onnxruntime computes in one pass over a blocked image. Factors are drawn together, and drawn out of sums over
 * pixels, so that an image is read rather than a multiple of it made:
 *
 *     (x * a + b) * c           = x * (a c) + (b c),  unless x * a + b is there anyway
 *     sum over pixels of x * a  = (sum over pixels of x) * a,  also where x * a is multiplied by another image
 *     gradients of a convolution of dy * a              = those of dy, its filter or its filter's gradient times a
 *
 * A sum over pixels of the product of two images is one kernel too, `SumOfProducts`, and the product is not made.
 *
 * @module
 */
import { util } from "@tensorflow/tfjs";
import type { Graph, Kernel, Value } from "../graph/graph.ts";
import { Rewriting, type Rule as RuleOf } from "./rewrite.ts";

/** The graph with such products and sums as single kernels. */
export function scaleAndShift(graph: Graph): Graph {
  return new Scaling(new Scaling(graph).apply(rules)).apply({ ScaleShift: separate });
}

class Scaling extends Rewriting {
  /** How an image is scaled and shifted, if it is, and not cut off by a ReLU. */
  scaled(value: Value): ScaleShift | undefined {
    const kernel = this.maker(value);
    return kernel?.name === "ScaleShift" && !kernel.attributes["relu"]
      ? kernel.inputs as unknown as ScaleShift
      : undefined;
  }

  /** Defines `output` as an image scaled and shifted. */
  scale(inputs: ScaleShift, output: Value, relu = false): true {
    this.add("ScaleShift", { ...inputs }, output, { relu });
    return true;
  }
}

type Rule = RuleOf<Scaling>;

/** The inputs of the kernel. */
interface ScaleShift {
  readonly x: Value;
  readonly scale?: Value;
  readonly shift?: Value;
  readonly addend?: Value;
}

const multiply: Rule = (kernel, rewriting) => {
  const { image, flat } = imageAndFlat(kernel) ?? {};
  if (!image || !flat) return false;
  const inner = rewriting.scaled(image), output = kernel.outputs[0]!;
  const apart = (inner?.shift || inner?.addend) && !rewriting.isUsedOnce(image);
  // Gradients of convolutions take the factor to themselves.
  const taken = inner?.addend && flat.shape.length === 1 && rewriting.consumers(output).every(isConvolutionGradient);
  if (!inner || apart || taken) return rewriting.scale({ x: image, scale: flat }, output);
  const times = (value?: Value) => value && rewriting.combine("Multiply", value, flat);
  const scale = times(inner.scale) ?? flat, shift = times(inner.shift);
  const addend = inner.addend && { ...inner.addend };
  if (addend) rewriting.scale({ x: inner.addend!, scale: flat }, addend);
  return rewriting.scale({ x: inner.x, scale, ...(shift && { shift }), ...(addend && { addend }) }, output);
};

const add: Rule = (kernel, rewriting) => {
  const output = kernel.outputs[0]!;
  const { image, flat } = imageAndFlat(kernel) ?? {};
  if (image && flat) {
    const inner = rewriting.scaled(image);
    if (!inner || ((inner.shift || inner.addend) && !rewriting.isUsedOnce(image))) return false;
    return rewriting.scale(
      { ...inner, shift: inner.shift ? rewriting.combine("Add", inner.shift, flat) : flat },
      output,
    );
  }
  const { a, b } = kernel.inputs as { a: Value; b: Value };
  if (![a, b].every((value) => isImage(value, output) && rewriting.maker(value))) return false;
  for (const [image, addend] of [[a, b], [b, a]] as const) {
    const inner = rewriting.scaled(image);
    if (inner && !inner.addend && rewriting.isUsedOnce(image)) return rewriting.scale({ ...inner, addend }, output);
  }
  return false;
};

const relu: Rule = ({ inputs, outputs }, rewriting) => {
  const x = inputs["x"]!, inner = rewriting.scaled(x);
  return inner !== undefined && rewriting.isUsedOnce(x) && rewriting.scale(inner, outputs[0]!, true);
};

/** What a convolution passes back, of the gradient of its result times numbers per channel: the filter times the numbers. */
const inputGradient: Rule = ({ name, inputs, attributes, outputs }, rewriting) => {
  const keys = Object.keys(inputs).filter((key) => key.startsWith("dy"));
  const scaled = keys.map((key) => [key, key.replace("dy", "filter"), perChannel(inputs[key]!, rewriting)] as const);
  if (scaled.every(([, , of]) => !of)) return false;
  const changed = scaled.flatMap(([dy, filter, of]) =>
    of ? [[dy, of.x], [filter, rewriting.combine("Multiply", inputs[filter]!, of.scale)]] as const : []
  );
  rewriting.add(name, { ...inputs, ...Object.fromEntries(changed) }, outputs[0]!, attributes);
  return true;
};

/** The gradient of a filter, of the gradient of the result times numbers per channel. */
const filterGradient: Rule = ({ name, inputs, attributes, outputs }, rewriting) => {
  const of = perChannel(inputs["dy"]!, rewriting), output = outputs[0]!;
  if (!of) return false;
  const gradient = rewriting.add(name, { ...inputs, dy: of.x }, { ...output }, attributes);
  rewriting.add("Multiply", { a: gradient, b: of.scale }, output);
  return true;
};

/** An image times numbers per channel. */
function perChannel(value: Value, rewriting: Scaling): { x: Value; scale: Value } | undefined {
  const scaled = rewriting.scaled(value);
  return scaled && isMultiple(scaled) && scaled.scale.shape.length === 1 ? scaled : undefined;
}

/** The square of the difference from a mean. */
const squaredDifference: Rule = (kernel, rewriting) => {
  const { image, flat } = imageAndFlat(kernel) ?? {};
  if (!image || !flat) return false;
  const difference = { ...kernel.outputs[0]! };
  rewriting.scale({ x: image, shift: rewriting.add("Neg", { x: flat }, { ...flat }) }, difference);
  rewriting.add("Square", { x: difference }, kernel.outputs[0]!);
  return true;
};

const subtract: Rule = (kernel, rewriting) => {
  const { image, flat } = imageAndFlat(kernel) ?? {};
  if (!image || !flat || image !== kernel.inputs["a"]) return false;
  return rewriting.scale({ x: image, shift: rewriting.add("Neg", { x: flat }, { ...flat }) }, kernel.outputs[0]!);
};

const sum: Rule = ({ name, inputs, attributes, outputs }, rewriting) => {
  const x = inputs["x"]!;
  if (x.shape.length !== 4) return false;
  const axes = util.parseAxisParam(attributes["axis"] as number[], [...x.shape]);
  const { images, scale } = axes.includes(1) && axes.includes(2) && !axes.includes(3) ? product(x, rewriting) : {};
  if (!images || (images.length === 1 && !scale)) return false;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const type: Value = { shape: [batch, 1, 1, channels], dtype: x.dtype };
  const [a, b] = images;
  let sums = b
    ? rewriting.add("SumOfProducts", { a, b }, type)
    : rewriting.add("Sum", { x: a }, type, { axis: [1, 2], keepDims: true });
  if (scale) sums = rewriting.combine("Multiply", sums, scale);
  if (name === "Mean") {
    const share: Value = { shape: [], dtype: x.dtype, constant: Float32Array.of(1 / (height * width)) };
    sums = rewriting.combine("Multiply", sums, share);
  }
  rewriting.add(name, { x: sums }, outputs[0]!, attributes);
  return true;
};

/** Images, one or two, whose product is a value but for a scale, if it is an image of them. */
function product(
  value: Value,
  rewriting: Scaling,
): { images?: readonly [Value] | readonly [Value, Value]; scale?: Value } {
  const scaled = rewriting.scaled(value);
  if (scaled) return isMultiple(scaled) ? { images: [scaled.x], scale: scaled.scale } : {};
  const maker = rewriting.maker(value);
  if (maker?.name === "Square" && rewriting.isUsedOnce(value)) {
    const { x } = maker.inputs as { x: Value };
    return { images: [x, x] };
  }
  if (maker?.name !== "Multiply") return {};
  const { a, b } = maker.inputs as { a: Value; b: Value };
  if (!isImage(a, value) || !isImage(b, value)) return {};
  for (const [one, other] of [[a, b], [b, a]] as const) {
    const inner = rewriting.scaled(one);
    if (inner && isMultiple(inner)) return { images: [inner.x, other], scale: inner.scale };
  }
  return rewriting.isUsedOnce(value) ? { images: [a, b] } : {};
}

const isMultiple = (inputs: ScaleShift): inputs is ScaleShift & { readonly scale: Value } =>
  inputs.scale !== undefined && !inputs.shift && !inputs.addend;

/** The memory of what is added becomes the result's: what is read later is added by a kernel of its own. */
const separate: Rule = (kernel, rewriting) => {
  const { addend, ...inputs } = kernel.inputs as unknown as ScaleShift, output = kernel.outputs[0]!;
  if (!addend || rewriting.isLastUse(addend, kernel)) return false;
  const scaled: Value = { ...output };
  rewriting.scale(inputs, scaled);
  const { relu } = kernel.attributes;
  const sum = rewriting.add("Add", { a: scaled, b: addend }, relu ? { ...output } : output);
  if (relu) rewriting.add("Relu", { x: sum }, output);
  return true;
};

const isConvolutionGradient = ({ name }: Kernel): boolean =>
  name === "Conv2DBackpropFilter" || name === "Conv2DBackpropInput" || name === "SumOfConv2DBackpropInput";

const rules: Readonly<Record<string, Rule>> = {
  Add: add,
  Conv2DBackpropFilter: filterGradient,
  Conv2DBackpropInput: inputGradient,
  Mean: sum,
  Multiply: multiply,
  Relu: relu,
  SquaredDifference: squaredDifference,
  Sub: subtract,
  Sum: sum,
  SumOfConv2DBackpropInput: inputGradient,
};

/** The operands of a binary kernel, if one is an image and the other has numbers for its channels or for those of the batch. */
function imageAndFlat({ inputs, outputs }: Kernel): { image: Value; flat: Value } | undefined {
  const { a, b } = inputs as { a: Value; b: Value };
  const [image, flat] = isImage(a, outputs[0]!) ? [a, b] : [b, a];
  return isImage(image, outputs[0]!) && isFlat(flat) ? { image, flat } : undefined;
}

/** An image of several pixels, of the whole size of a result. */
const isImage = ({ shape, dtype }: Value, result: Value): boolean =>
  dtype === "float32" && shape.length === 4 && shape[1]! * shape[2]! !== 1 && `${shape}` === `${result.shape}`;

/** Several numbers that do not differ from pixel to pixel. */
const isFlat = ({ shape }: Value): boolean =>
  (shape.length === 1 || (shape.length === 4 && shape[1] === 1 && shape[2] === 1)) &&
  util.sizeFromShape([...shape]) !== 1;
