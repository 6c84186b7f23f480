/** The functions that drawn programs are made of. */
import * as tf from "@tensorflow/tfjs";
import type { DataType } from "../../../onnx/graph/graph.ts";
import type { Draw } from "./draw.ts";
import type { Dim } from "./input.ts";

/** A value of a program while it is drawn. Sizes that are computed have their formulas as names. */
export interface Typed {
  readonly at: number;
  readonly shape: readonly Dim[];
  readonly dtype: DataType;
  /** True if it may be rounded in another way, so that it is not compared with anything. */
  readonly isRounded: boolean;
}

/** One function of a program, from earlier values to new ones. */
export interface Step {
  readonly text: string;
  readonly from: readonly Typed[];
  readonly run: (...tensors: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
  readonly to: readonly Pick<Typed, "shape" | "dtype">[];
}

/** Draws a function that takes this value and perhaps others; none, if it does not take such values. */
export type StepRule = (draw: Draw, x: Typed, all: readonly Typed[]) => Step | undefined;

const product = (a: Dim, b: Dim): Dim => {
  if (typeof a === "number" && typeof b === "number") return a * b;
  if (a === 1) return b;
  return b === 1 ? a : `(${a}*${b})`;
};
const sum = (a: Dim, b: Dim): Dim => typeof a === "number" && typeof b === "number" ? a + b : `(${a}+${b})`;

/** Refuses a call in which TensorFlow.js takes no elements for some. */
function withElements<T extends tf.Tensor>(x: T): T {
  if (x.size === 0) throw new Error("a value without elements");
  return x;
}

const isFloat = ({ dtype }: Typed) => dtype === "float32";
const axisOf = (draw: Draw, { shape }: Typed) => draw.integer(0, shape.length - 1);
const isAtLeastOne = (dim: Dim) => typeof dim === "string" || dim > 0;

const step = (
  text: string,
  from: readonly Typed[],
  run: Step["run"],
  shape: readonly Dim[],
  dtype: DataType = from[0]!.dtype,
): Step => ({ text, from, run, to: [{ shape, dtype }] });

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

const unary: StepRule = (draw, x) => {
  if (!isFloat(x)) return undefined;
  const name = draw.oneOf(Object.keys(functions));
  return step(name, [x], (x) => functions[name]!(x!), x.shape);
};

const cast: StepRule = (draw, x) => {
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

/** The type that TensorFlow.js computes two types in. */
const common = (a: DataType, b: DataType): DataType => {
  if (a === "float32" || b === "float32") return "float32";
  return a === "int32" || b === "int32" ? "int32" : "bool";
};

const binary: StepRule = (draw, x, all) => {
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
const outer: StepRule = (draw, x, all) => {
  const vectors = all.filter(({ shape, dtype }) => shape.length === 1 && dtype !== "bool");
  if (vectors.length === 0 || x.shape.length !== 1 || x.dtype === "bool") return undefined;
  const y = draw.oneOf(vectors);
  return step("outer", [x, y], (x, y) => tf.mul(tf.expandDims(x!, 1), tf.expandDims(y!, 0)), [
    x.shape[0]!,
    y.shape[0]!,
  ], common(x.dtype, y.dtype));
};

const compare: StepRule = (draw, x, all) => {
  const y = partner(draw, x, all), name = draw.oneOf(Object.keys(comparisons) as (keyof typeof comparisons)[]);
  if (!y) return undefined;
  return step(name, [x, y], (x, y) => comparisons[name](x!, y!), broadcast(x.shape, y.shape)!, "bool");
};

const where: StepRule = (draw, x, all) => {
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

const reductions = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod, logSumExp: tf.logSumExp };

const reduce: StepRule = (draw, x) => {
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

const anyOrAll: StepRule = (draw, x) => {
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

const argMax: StepRule = (draw, x) => {
  if (x.shape.length === 0 || x.dtype === "bool") return undefined;
  const axis = axisOf(draw, x), fn = draw.chance(0.5) ? tf.argMax : tf.argMin;
  return step(`${fn.name} ${axis}`, [x], (x) => fn(withElements(x!), axis), x.shape.toSpliced(axis, 1), "int32");
};

const reshape: StepRule = (draw, x) => {
  const { shape } = x, kind = draw.oneOf(["flat", "join", "reverse", "column", "unjoin"]);
  if (kind === "flat") return step(kind, [x], (x) => tf.reshape(x!, [-1]), [shape.reduce(product, 1)]);
  if (kind === "column") return step(kind, [x], (x) => tf.reshape(x!, [-1, 1]), [shape.reduce(product, 1), 1]);
  if (kind === "reverse") return step(kind, [x], (x) => tf.reshape(x!, x!.shape.toReversed()), shape.toReversed());
  if (shape.length < 2) return undefined;
  const at = draw.integer(0, shape.length - 2);
  const joined = (old: readonly number[]) => old.toSpliced(at, 2, old[at]! * old[at + 1]!);
  if (kind === "join") {
    const to = shape.toSpliced(at, 2, product(shape[at]!, shape[at + 1]!));
    return step(`join ${at}`, [x], (x) => tf.reshape(x!, joined(x!.shape)), to);
  }
  // Apart again after the two axes were one.
  return step(
    `unjoin ${at}`,
    [x],
    (x) => tf.reshape(tf.reverse(tf.reshape(x!, joined(x!.shape)), at), x!.shape),
    shape,
  );
};

const transpose: StepRule = (draw, x) => {
  const perm = draw.shuffled(x.shape.map((_, axis) => axis));
  return step(`transpose ${perm}`, [x], (x) => tf.transpose(x!, perm), perm.map((axis) => x.shape[axis]!));
};

const expand: StepRule = (draw, x) => {
  if (x.shape.length > 3) return undefined;
  const axis = draw.integer(0, x.shape.length);
  return step(`expandDims ${axis}`, [x], (x) => tf.expandDims(x!, axis), x.shape.toSpliced(axis, 0, 1));
};

const concat: StepRule = (draw, x, all) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x);
  const fitting = all.filter(({ shape, dtype }) =>
    dtype === x.dtype && shape.length === x.shape.length && shape.every((dim, at) => at === axis || dim === x.shape[at])
  );
  const y = draw.oneOf([x, ...fitting]), size = sum(sum(x.shape[axis]!, y.shape[axis]!), x.shape[axis]!);
  return step(`concat ${axis}`, [x, y], (x, y) => tf.concat([x!, y!, x!], axis), x.shape.with(axis, size));
};

const stack: StepRule = (draw, x, all) => {
  if (x.shape.length > 3) return undefined;
  const axis = draw.integer(0, x.shape.length);
  const y = draw.oneOf(all.filter(({ shape, dtype }) => dtype === x.dtype && `${shape}` === `${x.shape}`));
  return step(`stack ${axis}`, [x, y], (x, y) => tf.stack([x!, y!, y!], axis), x.shape.toSpliced(axis, 0, 3));
};

const unstack: StepRule = (draw, x) => {
  const known = x.shape.flatMap((dim, axis) => typeof dim === "number" && dim > 0 && dim < 5 ? [axis] : []);
  if (known.length === 0) return undefined;
  const axis = draw.oneOf(known), shape = x.shape.toSpliced(axis, 1);
  const to = Array.from({ length: x.shape[axis] as number }, () => ({ shape, dtype: x.dtype }));
  return { text: `unstack ${axis}`, from: [x], run: (x) => tf.unstack(x!, axis), to };
};

/** Splits a size into halves, or off the first or last part. */
const split: StepRule = (draw, x) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x), dim = x.shape[axis]!, half = draw.chance(0.5);
  if (!isAtLeastOne(dim)) return undefined;
  if (half) {
    // The value twice has halves.
    const to = [x, x].map(({ shape, dtype }) => ({ shape, dtype }));
    return {
      text: `halves ${axis}`,
      from: [x],
      run: (x) => tf.split(tf.concat([x!, tf.reverse(x!, axis)], axis), 2, axis),
      to,
    };
  }
  const to = [x.shape.with(axis, 1), x.shape.with(axis, sum(dim, -1))];
  return {
    text: `split off ${axis}`,
    from: [x],
    run: (x) => tf.split(withElements(x!), [1, x!.shape[axis]! - 1], axis),
    to: to.map((shape) => ({ shape, dtype: x.dtype })),
  };
};

const gather: StepRule = (draw, x, all) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x), kind = draw.oneOf(["first", "reversed", "indices", "list"]);
  if (!isAtLeastOne(x.shape[axis]!)) return undefined;
  if (kind === "first") return step(`first ${axis}`, [x], (x) => tf.gather(x!, 0, axis), x.shape.toSpliced(axis, 1));
  if (kind === "list") {
    return step(`list ${axis}`, [x], (x) => tf.gather(x!, [0, 0], axis), x.shape.with(axis, 2));
  }
  if (kind === "reversed") {
    return step(`reversed ${axis}`, [x], (x) => {
      const size = x!.shape[axis]!;
      return tf.gather(x!, tf.sub(tf.scalar(size - 1, "int32"), tf.range(0, size, 1, "int32")), axis);
    }, x.shape);
  }
  const indices = all.filter(({ shape, dtype }) => dtype === "int32" && shape.length <= 2);
  if (indices.length === 0) return undefined;
  const y = draw.oneOf(indices);
  return step(
    `gather ${axis}`,
    [x, y],
    (x, y) => tf.gather(x!, tf.cast(tf.mod(tf.abs(y!), tf.scalar(x!.shape[axis]!, "int32")), "int32"), axis),
    x.shape.toSpliced(axis, 1, ...y.shape),
  );
};

const slice: StepRule = (draw, x) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x), kind = draw.oneOf(["last", "but first", "but last", "strided"]);
  const whole = x.shape.map(() => 0);
  if (!isAtLeastOne(x.shape[axis]!)) return undefined;
  if (kind === "last") {
    return step(
      `last ${axis}`,
      [x],
      (x) => tf.slice(withElements(x!), whole.with(axis, x!.shape[axis]! - 1), x!.shape.with(axis, 1)),
      x.shape.with(axis, 1),
    );
  }
  if (kind === "strided") {
    const strides = x.shape.map((_, at) => at === axis ? -1 : 1), begin = whole, end = x.shape.map(() => 0);
    const mask = 2 ** x.shape.length - 1;
    return step(
      `backwards ${axis}`,
      [x],
      (x) => tf.stridedSlice(x!, begin, end, strides, mask, mask),
      x.shape,
    );
  }
  const first = kind === "but first" ? 1 : 0, shape = x.shape.with(axis, sum(x.shape[axis]!, -1));
  return step(
    `${kind} ${axis}`,
    [x],
    (x) => tf.slice(withElements(x!), whole.with(axis, first), x!.shape.with(axis, x!.shape[axis]! - 1)),
    shape,
  );
};

const matMul: StepRule = (draw, x, all) => {
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

const perAxis: StepRule = (draw, x) => {
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

const pad: StepRule = (draw, x) => {
  if (x.shape.length === 0 || x.shape.length > 4 || x.dtype === "bool") return undefined;
  const axis = axisOf(draw, x), before = draw.integer(0, 2);
  const paddings = x.shape.map((_, at): [number, number] => at === axis ? [before, 1] : [0, 0]);
  return step(
    `pad ${axis} ${before}`,
    [x],
    (x) => tf.pad(x!, paddings, 1),
    x.shape.with(axis, sum(x.shape[axis]!, before + 1)),
  );
};

const tile: StepRule = (draw, x) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x), reps = x.shape.map((_, at) => at === axis ? 2 : 1);
  return step(`tile ${axis}`, [x], (x) => tf.tile(x!, reps), x.shape.with(axis, product(x.shape[axis]!, 2)));
};

const oneHot: StepRule = (_, x) => {
  if (x.dtype !== "int32" || x.shape.length > 3) return undefined;
  return step("oneHot", [x], (x) => tf.oneHot(x!, 3), [...x.shape, 3], "int32");
};

/** A constant that is computed from constants of several types. */
const constant: StepRule = (draw, x) => {
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

/** Functions by name; those that occur often are listed again. */
export const steps: Readonly<Record<string, StepRule>> = {
  unary,
  cast,
  binary,
  binaryAgain: binary,
  outer,
  compare,
  where,
  reduce,
  anyOrAll,
  argMax,
  reshape,
  reshapeAgain: reshape,
  transpose,
  expand,
  concat,
  stack,
  unstack,
  split,
  gather,
  slice,
  matMul,
  perAxis,
  pad,
  tile,
  oneHot,
  constant,
};
