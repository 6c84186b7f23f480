/** Functions that join the elements of an axis: reductions, norms and products of matrices. */
import * as tf from "@tensorflow/tfjs";
import { axisOf, isFloat, step, type StepRule, withElements } from "./step.ts";

const reductions = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod, logSumExp: tf.logSumExp };

export const reduce: StepRule = (draw, x) => {
  if (x.shape.length === 0) return undefined;
  const name = draw.oneOf(Object.keys(reductions) as (keyof typeof reductions)[]), keepDims = draw.chance(0.4);
  if (x.dtype === "bool" || (x.dtype === "int32" && name === "logSumExp")) return undefined;
  const axes = draw.someOf(x.shape.map((_, axis) => axis));
  const shape = keepDims
    ? x.shape.map((dim, axis) => axes.includes(axis) ? 1 : dim)
    : x.shape.filter((_, axis) => !axes.includes(axis));
  return step(
    `${name} ${axes} ${keepDims}`,
    [x],
    (x) => reductions[name](name === "prod" ? tf.clipByValue(x!, -1, 1) : x!, axes, keepDims),
    shape,
    name === "mean" ? "float32" : x.dtype,
  );
};

export const anyOrAll: StepRule = (draw, x) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x), fn = draw.chance(0.5) ? tf.any : tf.all, limit = draw.integer(-1, 1) + 0.37;
  return step(
    `${fn.name} ${axis}`,
    [x],
    (x) => fn(tf.greater(withElements(x!), limit), axis),
    x.shape.toSpliced(axis, 1),
    "bool",
  );
};

export const argMax: StepRule = (draw, x) => {
  if (x.shape.length === 0 || x.dtype === "bool") return undefined;
  const axis = axisOf(draw, x), fn = draw.chance(0.5) ? tf.argMax : tf.argMin;
  return step(`${fn.name} ${axis}`, [x], (x) => fn(withElements(x!), axis), x.shape.toSpliced(axis, 1), "int32");
};

export const matMul: StepRule = (draw, x, all) => {
  if (x.shape.length < 2 || !isFloat(x)) return undefined;
  const rank = x.shape.length;
  const fitting = all.filter((y) =>
    isFloat(y) && y.shape.length === rank && y.shape.at(-2) === x.shape.at(-1) &&
    `${y.shape.slice(0, -2)}` === `${x.shape.slice(0, -2)}`
  );
  if (fitting.length === 0 || draw.chance(0.3)) {
    return step(
      "gram",
      [x],
      (x) => tf.tanh(tf.matMul(withElements(x!), x!, false, true)),
      [...x.shape.slice(0, -1), x.shape.at(-2)!],
    );
  }
  const y = draw.oneOf(fitting);
  return step("matMul", [x, y], (x, y) => tf.matMul(withElements(x!), withElements(y!)), [
    ...x.shape.slice(0, -1),
    y.shape.at(-1)!,
  ]);
};

export const perAxis: StepRule = (draw, x) => {
  if (x.shape.length === 0 || x.dtype === "bool") return undefined;
  const axis = axisOf(draw, x);
  const all: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    softmax: (x) => tf.softmax(tf.cast(x, "float32"), x.shape.length - 1),
    logSoftmax: (x) => tf.logSoftmax(tf.cast(x, "float32"), x.shape.length - 1),
    cumsum: (x) => tf.cast(tf.cumsum(x, x.shape.length - 1), "float32"),
    centred: (x) => tf.sub(x, tf.mean(x, axis, true)),
    normalised: (x) => {
      const { mean, variance } = tf.moments(x, [axis], true);
      return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 0.1)));
    },
    perSize: (x) => tf.div(tf.cast(x, "float32"), tf.scalar(x.shape[axis]! + 1)),
    perRoot: (x) => tf.mul(tf.cast(x, "float32"), 1 / Math.sqrt(x.shape[axis]! + 1)),
    positions: (x) => {
      const size = x.shape[axis]!, at = tf.reshape(tf.range(0, size, 1), x.shape.map((_, k) => k === axis ? size : 1));
      return tf.add(tf.cast(x, "float32"), at);
    },
    mask: (x) => tf.mul(tf.cast(x, "float32"), tf.cast(tf.greater(x, tf.max(x, axis, true).mul(0)), "float32")),
  };
  const name = draw.oneOf(Object.keys(all));
  return step(`${name} ${axis}`, [x], (x) => all[name]!(x!), x.shape, "float32");
};
