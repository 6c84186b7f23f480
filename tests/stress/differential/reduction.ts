/** Functions that reduce axes. */
import * as tf from "@tensorflow/tfjs";
import type { DataType } from "../../../onnx/graph/graph.ts";
import type { Elements } from "./draw.ts";
import type { Rule, Rules } from "./rule.ts";

type Reduce = (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor;

const reduction = (fn: Reduce, limits: Elements = {}, dtypes?: readonly DataType[], min = 0): Rule => (draw) => {
  const shape = draw.shape({ min }), axis = draw.axes(shape), keepDims = draw.chance(0.4);
  return {
    inputs: [draw.input(shape, dtypes ? draw.oneOf(dtypes) : draw.dtype(), limits)],
    fn: (x) => fn(x!, axis, keepDims),
    attributes: { axis, keepDims },
  };
};

const extremeIndex = (fn: typeof tf.argMax): Rule => (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 1 }), axis = draw.axis(shape);
  return {
    inputs: [
      draw.input(shape, draw.oneOf(["float32", "int32"]), { whole: draw.chance(0.5), special: draw.chance(0.5) }),
    ],
    fn: (x) => fn(x!, axis),
    attributes: { axis },
  };
};

/** A function along the last axis. */
const alongLast = (fn: (x: tf.Tensor) => tf.Tensor): Rule => (draw) => ({
  inputs: [draw.input(draw.shape({ rank: [1, 4], min: 1 }), "float32")],
  fn: (x) => fn(x!),
});

const norm: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 3], min: 1 }),
    order = draw.oneOf([1, 2, "euclidean", Infinity, -Infinity] as const);
  const axis = draw.axis(shape), keepDims = draw.chance(0.4);
  return {
    inputs: [draw.input(shape, draw.oneOf(["float32", "float32", "int32"]), { from: 0.3, special: false })],
    fn: (x) => tf.norm(x!, order, axis, keepDims),
    attributes: { order, axis, keepDims },
  };
};

const moments: Rule = (draw) => {
  const shape = draw.shape({ min: 1 }), axis = draw.axes(shape), keepDims = draw.chance(0.4);
  return {
    inputs: [draw.input(shape, draw.oneOf(["float32", "float32", "int32"]), { special: false })],
    fn: (x) => {
      const { mean, variance } = tf.moments(x!, axis, keepDims);
      return [mean, variance];
    },
    attributes: { axis, keepDims },
  };
};

/** Normalises each image, or groups of its channels, by all of its pixels. */
const imageNorm: Rule = (draw) => {
  const groups = draw.integer(1, 2), size = { min: 1, max: 4 };
  const shape = [draw.dim(size), draw.dim(size), draw.dim(size), groups * draw.integer(1, 2)];
  return {
    inputs: [draw.input(shape, "float32", { special: false })],
    fn: (x) => {
      const [batch, height, width, channels] = x!.shape as [number, number, number, number];
      const grouped = tf.reshape(x!, [batch, height, width, groups, channels / groups]);
      const { mean, variance } = tf.moments(grouped, [1, 2, 4], true);
      return tf.reshape(tf.div(tf.sub(grouped, mean), tf.sqrt(tf.add(variance, 0.1))), x!.shape);
    },
    attributes: { groups },
    tolerance: 1e-4,
    isSum: true,
  };
};

const cumulative = (fn: typeof tf.cumsum, gradient: "differences" | "none"): Rule => (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 1 }), axis = draw.integer(0, shape.length - 1);
  const exclusive = draw.chance(0.5), reverse = draw.chance(0.5);
  return {
    inputs: [draw.input(shape, draw.oneOf(["float32", "int32"]), { special: false })],
    fn: (x) => fn(x!, axis, exclusive, reverse),
    attributes: { axis, exclusive, reverse },
    // TensorFlow.js transposes the gradient along any axis but the last.
    gradient,
  };
};

export const reductions: Rules = {
  // All of nothing is true; TensorFlow.js says false.
  all: reduction(tf.all, {}, ["bool"], 1),
  any: reduction(tf.any, {}, ["bool"]),
  argMax: extremeIndex(tf.argMax),
  argMin: extremeIndex(tf.argMin),
  cumprod: cumulative(tf.cumprod, "none"),
  cumsum: cumulative(tf.cumsum, "differences"),
  imageNorm,
  logSoftmax: alongLast(tf.logSoftmax),
  logSumExp: reduction(tf.logSumExp, { special: false }, ["float32"]),
  max: reduction(tf.max),
  mean: reduction(tf.mean),
  min: reduction(tf.min),
  moments,
  norm,
  prod: reduction(tf.prod, {}, ["float32", "int32", "bool"]),
  softmax: alongLast(tf.softmax),
  sum: reduction(tf.sum),
};
