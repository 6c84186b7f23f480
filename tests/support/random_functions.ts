/** Random functions of images, made of the kernels that the passes rewrite, and their gradients. */
import * as tf from "@tensorflow/tfjs";
import type { InputSpec, TensorFunction } from "../../onnx/internal.ts";
import { uniformNumbers } from "./random_tensors.ts";

const IMAGE = [2, 4, 3, 4];

/** The inputs of every random function: images, filters, and numbers per channel, per image, or per both. */
export const randomInputs = {
  x: { shape: IMAGE },
  y: { shape: IMAGE },
  f: { shape: [3, 3, 4, 4] },
  g: { shape: [3, 3, 4, 4] },
  h: { shape: [3, 3, 2, 4] },
  a: { shape: [4] },
  b: { shape: [4] },
  c: { shape: [2, 1, 1, 4] },
  d: { shape: [4] },
  e: { shape: [2, 1, 1, 1] },
} satisfies Record<string, InputSpec>;

/** Inputs without a gradient. That of a product reads the other factor, which then cannot be fused. */
const fixed: readonly string[] = ["d", "e"];

type Named = Readonly<Record<keyof typeof randomInputs, tf.Tensor>>;

/** Draws from what there is. */
interface Draw {
  /** One of the images so far. */
  readonly image: () => tf.Tensor;
  readonly filter: () => tf.Tensor;
  readonly numbers: () => tf.Tensor;
}

const convolve = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same") as tf.Tensor;

/** Convolves each half of the channels by itself, in an order; only the first order is that of a grouped convolution. */
function groupedConvolution(x: tf.Tensor, h: tf.Tensor, order: readonly number[] = [0, 1]): tf.Tensor {
  const parts = tf.split(x, 2, 3), filters = tf.split(h, 2, 3);
  return tf.concat(order.map((part, at) => convolve(parts[part]!, filters[at]!)), 3);
}

function normalised(x: tf.Tensor, { a, b }: Named): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, [0, 1, 2]));
  const variance = tf.mean(tf.square(centred), [0, 1, 2]);
  return tf.add(tf.mul(centred, tf.mul(tf.rsqrt(tf.add(variance, 0.1)), a)), b);
}

/** Makes an image of others. */
const steps: readonly ((draw: Draw, inputs: Named) => tf.Tensor)[] = [
  ({ image, filter }) => convolve(image(), filter()),
  ({ image, filter }) => convolve(tf.relu(image()), filter()),
  ({ image }, { f, g }) => {
    const x = tf.relu(image());
    return tf.add(convolve(x, f), convolve(x, g));
  },
  ({ image, filter }, { a, b }) => tf.add(tf.mul(convolve(image(), filter()), a), b),
  ({ image }, { f, g }) => {
    const x = tf.relu(image());
    const smaller = tf.conv2d(x as tf.Tensor4D, g as tf.Tensor4D, 2, "same");
    return tf.add(convolve(x, f), tf.mean(smaller, [1, 2], true));
  },
  ({ image }, { h }) => groupedConvolution(image(), h),
  ({ image }, { h }) => groupedConvolution(image(), h, [1, 0]),
  ({ image }, inputs) => normalised(image(), inputs),
  ({ image, numbers }) => tf.mul(image(), numbers()),
  ({ image, numbers }) => tf.add(tf.mul(image(), numbers()), numbers()),
  ({ image, numbers }) => tf.add(image(), numbers()),
  ({ image, numbers }) => tf.sub(image(), numbers()),
  ({ image, numbers }) => tf.sub(numbers(), image()),
  ({ image, numbers }) => tf.mul(tf.add(tf.mul(image(), numbers()), numbers()), numbers()),
  ({ image, numbers }) => tf.mul(tf.add(tf.mul(image(), numbers()), image()), numbers()),
  ({ image, numbers }) => tf.relu(tf.add(tf.mul(image(), numbers()), numbers())),
  ({ image, numbers }) => tf.mul(tf.relu(tf.mul(image(), numbers())), numbers()),
  ({ image, numbers }) => tf.mul(tf.relu(tf.add(tf.mul(image(), numbers()), numbers())), numbers()),
  ({ image }) => tf.relu(image()),
  ({ image }) => tf.add(image(), image()),
  ({ image, numbers }) => tf.add(tf.mul(image(), numbers()), image()),
  ({ image }) => tf.mul(tf.tanh(image()), image()),
  ({ image }) => tf.mul(image(), tf.step(image())),
  ({ image }) => tf.where(tf.cast(tf.step(image()), "bool"), image(), image()),
  ({ image }) => tf.reshape(tf.relu(tf.reshape(image(), [-1, 4])), IMAGE),
  ({ image }) => {
    const mask = tf.step(image());
    return tf.add(tf.add(image(), tf.mul(image(), mask)), tf.mul(image(), mask));
  },
];

/** Makes a result of an image; the gradients are not of these, for TensorFlow.js has none of a squared difference that broadcasts. */
const results: readonly ((draw: Draw) => tf.Tensor)[] = [
  ({ image }) => tf.sum(image(), [0, 1, 2]),
  ({ image, numbers }) => tf.squaredDifference(image(), numbers()),
  ({ image }) => {
    const x = image(), mean = tf.mean(x, [0, 1, 2]);
    return tf.mean(tf.squaredDifference(x, mean), [0, 1, 2]);
  },
  ({ image }) => tf.mean(tf.square(image()), [1, 2]),
  ({ image }) => tf.sum(tf.mul(image(), image()), [1, 2], true),
  ({ image }) => tf.sum(tf.square(image()), [3]),
  ({ image, numbers }) => tf.mean(tf.mul(image(), numbers()), [0, 1]),
  ({ image, numbers }) => tf.mean(tf.mul(image(), numbers()), [0, 1, 2], true),
];

/** The function with a seed: images made one of another, sums of their pixels, and gradients. */
export const randomFunction = (seed: number, length = 10): TensorFunction => (inputs) => {
  const names = Object.keys(randomInputs).filter((name) => !fixed.includes(name));
  const outputs: Record<string, tf.Tensor> = {};
  const loss = (...tensors: tf.Tensor[]): tf.Scalar => {
    const next = uniformNumbers(seed);
    const oneOf = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
    const named = {
      ...inputs,
      ...Object.fromEntries(names.map((name, at) => [name, tensors[at]!])),
    } as unknown as Named;
    const { x, y, f, g, h, a, b, c, d, e } = named;
    // Each of the inputs is in one of these images, so that it has a gradient.
    const images = [convolve(x, f), convolve(y, g), groupedConvolution(x, h), tf.add(tf.mul(y, tf.mul(a, c)), b)];
    const draw = { image: () => oneOf(images), filter: () => oneOf([f, g]), numbers: () => oneOf([a, b, c, d, e]) };
    for (let step = 0; step < length; step++) images.push(oneOf(steps)(draw, named));
    images.slice(-3).forEach((image, at) => outputs[`image${at}`] = tf.keep(image));
    results.forEach((result, at) => outputs[`result${at}`] = tf.keep(result(draw)));
    return tf.addN(images.map((image, at) => tf.sum(tf.tanh(tf.mul(image, (at + 1) / 10))))) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs[name]!));
  const gradients = Object.fromEntries(names.map((name, at) => [`d${name}`, grads[at]!]));
  return { ...outputs, ...gradients, value };
};
