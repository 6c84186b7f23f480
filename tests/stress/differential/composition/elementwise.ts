/** Functions that act on every element alike, or on those of two tensors. */
import * as tf from "@tensorflow/tfjs";
import type { Draw } from "../draw.ts";
import type { Dim } from "../input.ts";
import { common, isFloat, step, type StepRule, type Typed, withElements } from "./step.ts";

const functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  relu: tf.relu,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  square: tf.square,
  neg: tf.neg,
  abs: tf.abs,
  softplus: tf.softplus,
  elu: tf.elu,
  // The sine of a large number differs where the number is rounded in another way.
  sin: (x) => tf.sin(tf.clipByValue(x, -3, 3)),
  roots: (x) => tf.sqrt(tf.add(tf.abs(x), 1)),
  logarithm: (x) => tf.log1p(tf.abs(x)),
  clip: (x) => tf.clipByValue(x, -1, 1.5),
  leaky: (x) => tf.leakyRelu(x, 0.3),
  minusItself: (x) => tf.sub(x, tf.mul(x, 0.5)),
  customGradient: (x) =>
    tf.customGrad((x, save) => {
      (save as (tensors: tf.Tensor[]) => void)([x as tf.Tensor]);
      return {
        value: tf.tanh(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => tf.mul(dy, tf.mul(saved!, 2)),
      };
    })(x),
  gradient: (x) => tf.grad((x) => tf.sum(tf.mul(tf.tanh(x), tf.sigmoid(x))))(x),
  valueAndGradient: (x) => {
    const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.mean<tf.Scalar>(tf.square(x)))(x);
    return tf.add(grad, value);
  },
};

export const unary: StepRule = (draw, x) => {
  if (!isFloat(x)) return undefined;
  const name = draw.oneOf(Object.keys(functions));
  return step(name, [x], (x) => functions[name]!(x!), x.shape);
};

export const cast: StepRule = (draw, x) => {
  const dtype = draw.dtype();
  return step(`cast ${dtype}`, [x], (x) => tf.cast(x!, dtype), x.shape, dtype);
};

/** The shape of two that are broadcast; none where they may not match. */
function broadcast(a: readonly Dim[], b: readonly Dim[]): Dim[] | undefined {
  const rank = Math.max(a.length, b.length), shape: Dim[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [x, y] = [a, b].map((dims) => dims[axis - rank + dims.length] ?? 1) as [Dim, Dim];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

const arithmetic = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  safeDivision: (a: tf.Tensor, b: tf.Tensor) => tf.div(a, tf.add(tf.abs(b), 1)),
};

const comparisons = {
  greater: tf.greater,
  lessEqual: tf.lessEqual,
  equal: tf.equal,
  notEqual: tf.notEqual,
};

const partner = (draw: Draw, x: Typed, all: readonly Typed[]): Typed | undefined => {
  const fitting = all.filter(({ shape }) => broadcast(x.shape, shape));
  return fitting.length > 0 ? draw.oneOf(fitting) : undefined;
};

export const binary: StepRule = (draw, x, all) => {
  const y = partner(draw, x, all), name = draw.oneOf(Object.keys(arithmetic) as (keyof typeof arithmetic)[]);
  if (!y) return undefined;
  const type = common(x.dtype, y.dtype), dtype = name === "safeDivision" ? "float32" : type === "bool" ? "int32" : type;
  return step(
    name,
    [x, y],
    (x, y) => {
      const fix = (t: tf.Tensor) => type === "bool" ? tf.cast(t, "int32") : t;
      return arithmetic[name](fix(x!), fix(y!));
    },
    broadcast(x.shape, y.shape)!,
    dtype,
  );
};

/** Each element of one with each of another, whose sizes may both be unknown. */
export const outer: StepRule = (draw, x, all) => {
  const vectors = all.filter(({ shape, dtype }) => shape.length === 1 && dtype !== "bool");
  if (vectors.length === 0 || x.shape.length !== 1 || x.dtype === "bool") return undefined;
  const y = draw.oneOf(vectors);
  return step("outer", [x, y], (x, y) => tf.mul(tf.expandDims(x!, 1), tf.expandDims(y!, 0)), [
    x.shape[0]!,
    y.shape[0]!,
  ], common(x.dtype, y.dtype));
};

export const compare: StepRule = (draw, x, all) => {
  const y = partner(draw, x, all), name = draw.oneOf(Object.keys(comparisons) as (keyof typeof comparisons)[]);
  if (!y) return undefined;
  return step(name, [x, y], (x, y) => comparisons[name](x!, y!), broadcast(x.shape, y.shape)!, "bool");
};

export const where: StepRule = (draw, x, all) => {
  const y = partner(draw, x, all);
  if (!y) return undefined;
  const shape = broadcast(x.shape, y.shape)!, kind = draw.oneOf(["zeros", "other", "not"]);
  if (x.dtype === "bool" || y.dtype === "bool") return undefined;
  return step(
    `where ${kind}`,
    [x, y],
    (x, y) => {
      const condition = tf.greater(withElements(x!), withElements(y!));
      if (kind === "zeros") return tf.where(condition, x!, tf.zerosLike(x!));
      return kind === "other" ? tf.where(condition, x!, y!) : tf.where(tf.logicalNot(condition), y!, x!);
    },
    shape,
    common(x.dtype, y.dtype),
  );
};

/** A constant that is computed from constants of several types. */
export const constant: StepRule = (draw, x) => {
  const numbers = [draw.integer(-3, 3), draw.integer(1, 3)] as const, type = draw.dtype(), to = draw.dtype();
  const folded = () => {
    const sum = tf.add(
      tf.scalar(numbers[0], "int32"),
      tf.cast(tf.scalar(numbers[1], type), to === "bool" ? "int32" : to),
    );
    return tf.cast(tf.mul(sum, tf.cast(tf.tensor([1, 0, 2], [3], "int32").sum(), "float32")), to);
  };
  const kind = draw.oneOf(["scalar", "like", "fill"]);
  const target = x.dtype === "bool" ? "int32" : x.dtype;
  const dtype = common(target, to === "bool" ? "int32" : to);
  return step(
    `constant ${numbers} ${type} ${to} ${kind}`,
    [x],
    (x) => {
      const c = to === "bool" ? tf.cast(folded(), "int32") : folded(), y = tf.cast(x!, target);
      if (kind === "scalar") return tf.mul(y, c);
      if (kind === "like") return tf.add(tf.mul(tf.onesLike(y), c), y);
      return tf.sub(tf.cast(tf.fill(x!.shape, numbers[0], "int32"), dtype), tf.mul(y, c));
    },
    x.shape,
    dtype,
  );
};
