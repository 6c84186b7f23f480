/** Functions that move elements, make values, or take parts of them. */
import * as tf from "@tensorflow/tfjs";
import type { Dim } from "./input.ts";
import type { Rule, Rules } from "./rule.ts";

const isKnown = (shape: readonly Dim[]): shape is readonly number[] => shape.every((dim) => typeof dim === "number");

const concat: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4] }), axis = draw.axis(shape);
  const type = draw.dtype(), types = draw.chance(0.2) ? () => draw.dtype() : () => type;
  const parts = Array.from({ length: draw.integer(1, 4) }, () => shape.with(axis, draw.dim()));
  return {
    inputs: parts.map((part) => draw.input(part, types())),
    fn: (...tensors) => tf.concat(tensors, axis),
    attributes: { axis },
  };
};

const stack: Rule = (draw) => {
  const shape = draw.shape({ rank: [0, 3] }), axis = draw.integer(0, shape.length), type = draw.dtype();
  return {
    inputs: Array.from({ length: draw.integer(1, 3) }, () => draw.input(shape, type)),
    fn: (...tensors) => tf.stack(tensors, axis),
    attributes: { axis },
  };
};

const unstack: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 1 }), axis = draw.axis(shape);
  return {
    inputs: [draw.input(shape.with(axis, draw.integer(1, 3)), draw.dtype())],
    fn: (x) => tf.unstack(x!, axis),
    attributes: { axis },
  };
};

const expandDims: Rule = (draw) => {
  const shape = draw.shape({ rank: [0, 4] }), axis = draw.integer(-shape.length - 1, shape.length);
  return { inputs: [draw.input(shape, draw.dtype())], fn: (x) => tf.expandDims(x!, axis), attributes: { axis } };
};

/** Without axes all sizes of 1 go, which unknown ones may be. */
const squeeze: Rule = (draw) => {
  const shape = draw.shape({ rank: [0, 3], min: 1 }), axis = draw.integer(0, shape.length);
  const axes = draw.chance(0.8) ? [axis] : undefined;
  return {
    inputs: [draw.input(shape.toSpliced(axis, 0, 1), draw.dtype())],
    fn: (x) => tf.squeeze(x!, axes),
    attributes: { axes },
  };
};

/** Joins or splits dimensions, some of them unknown; the new shape is computed from the old one. */
const reshape: Rule = (draw) => {
  const shape = draw.shape({ rank: [0, 4] }), kind = draw.oneOf(["flat", "join", "split", "swap", "one"]);
  const known = draw.integer(1, 3), at = draw.integer(0, Math.max(0, shape.length - 2));
  const target = (old: number[]): number[] => {
    if (kind === "flat") return [old.reduce((a, b) => a * b, 1)];
    if (kind === "join" && old.length > 1) return old.toSpliced(at, 2, old[at]! * old[at + 1]!);
    if (kind === "split" && old.length > 0) return old.with(0, old[0]! / known).toSpliced(0, 0, known);
    if (kind === "swap" && old.length > 1) return old.toReversed();
    return [...old, 1];
  };
  return {
    inputs: [
      draw.input(
        kind === "split" && shape.length > 0 ? shape.with(0, known * draw.integer(1, 3)) : shape,
        draw.dtype(),
      ),
    ],
    fn: (x) => tf.reshape(x!, target(x!.shape)),
    attributes: { kind, known, at },
  };
};

const transpose: Rule = (draw) => {
  const shape = draw.shape({ rank: [0, 5], max: 4 }), perm = draw.shuffled(shape.map((_, axis) => axis));
  return { inputs: [draw.input(shape, draw.dtype())], fn: (x) => tf.transpose(x!, perm), attributes: { perm } };
};

const pad: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4] }), value = draw.oneOf([0, 0, 1, -2.5]);
  const paddings = shape.map((): [number, number] => [draw.integer(0, 2), draw.integer(0, 2)]);
  const dtype = draw.dtype();
  return {
    inputs: [draw.input(shape, dtype)],
    fn: (x) => tf.pad(x!, paddings, dtype === "float32" ? value : Math.trunc(Math.abs(value)) > 0 ? 1 : 0),
    attributes: { paddings, value },
  };
};

const mirrorPad: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 3 }), mode = draw.oneOf(["reflect", "symmetric"]);
  const paddings = shape.map((): [number, number] => [draw.integer(0, 2), draw.integer(0, 2)]);
  return {
    inputs: [draw.input(shape, draw.oneOf(["float32", "int32"]), { special: false })],
    fn: (x) => tf.mirrorPad(x!, paddings, mode),
    attributes: { paddings, mode },
    // TensorFlow.js leaves out what the mirrored pixels add.
    gradient: "differences",
    isSum: true,
  };
};

const tile: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4] }), reps = shape.map(() => draw.integer(1, 3));
  // As often as there are rows, perhaps.
  const bySize = draw.chance(0.3) ? draw.integer(0, shape.length - 1) : -1;
  return {
    inputs: [draw.input(shape, draw.dtype())],
    fn: (x) => tf.tile(x!, reps.map((times, axis) => axis === bySize ? x!.shape[0]! : times)),
    attributes: { reps, bySize },
  };
};

const reverse: Rule = (draw) => {
  const shape = draw.shape(), axes = draw.axes(shape);
  return { inputs: [draw.input(shape, draw.dtype())], fn: (x) => tf.reverse(x!, axes), attributes: { axes } };
};

const broadcastTo: Rule = (draw) => {
  const shape = draw.shape({ min: 1 }), from = draw.broadcastable(shape);
  if (!isKnown(shape)) {
    return {
      inputs: [draw.input(from), draw.input(shape, "float32", { special: false })],
      fn: (x, y) => tf.broadcastTo(x!, y!.shape),
    };
  }
  return { inputs: [draw.input(from, draw.dtype())], fn: (x) => tf.broadcastTo(x!, [...shape]), attributes: { shape } };
};

/** A slice in terms of the sizes, from the start or from the end. */
const slice: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 2 });
  const fromEnd = draw.chance(0.3),
    cuts = shape.map(() => ({ before: draw.integer(0, 1), size: draw.chance(0.5) ? -1 : 1 }));
  return {
    inputs: [draw.input(shape, draw.dtype())],
    fn: (x) => {
      const begin = cuts.map(({ before }, axis) => Math.min(before, x!.shape[axis]! - 1));
      return tf.slice(
        x!,
        fromEnd
          ? begin.map((_, axis) => x!.shape[axis]! - 1)
          : begin.map((at, axis) => cuts[axis]!.size === -1 && at > 0 ? 0 : at),
        cuts.map(({ size }) => fromEnd ? 1 : size),
      );
    },
    attributes: { cuts, fromEnd },
  };
};

/** A slice of known begin and size. */
const fixedSlice: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 2 });
  const begin = shape.map(() => draw.integer(0, 2)),
    size = shape.map((dim, axis) => {
      if (draw.chance(0.5)) return -1;
      return draw.integer(
        typeof dim === "number" ? 0 : 0,
        Math.max(0, (typeof dim === "number" ? dim : 2) - begin[axis]!),
      );
    });
  const inside = begin.map((at, axis) => typeof shape[axis] === "number" ? Math.min(at, shape[axis] as number) : at);
  return {
    inputs: [draw.input(shape, draw.dtype())],
    fn: (x) => tf.slice(x!, inside, size),
    attributes: { inside, size },
  };
};

const stridedSlice: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4], min: 1 }),
    numbers = (from: number, to: number) => shape.map(() => draw.integer(from, to));
  const mask = () => draw.chance(0.5) ? draw.integer(0, 2 ** shape.length - 1) : 0;
  const [newAxis, shrink] = draw.chance(0.2) ? [mask(), mask()] : [0, 0], isPlain = newAxis === 0 && shrink === 0;
  // New and dropped axes have stride 1.
  const strides = shape.map(() => isPlain ? draw.oneOf([1, 1, 2, -1, -2]) : 1);
  const [begin, end] = [numbers(isPlain ? -3 : 0, isPlain ? 3 : 0), numbers(-3, 5)];
  const [beginMask, endMask] = [mask(), mask()],
    ellipsis = draw.chance(0.2) ? 2 ** draw.integer(0, shape.length - 1) : 0;
  return {
    inputs: [draw.input(shape, draw.dtype())],
    fn: (x) => tf.stridedSlice(x!, begin, end, strides, beginMask, endMask, ellipsis, newAxis, shrink),
    attributes: { begin, end, strides, beginMask, endMask, ellipsis, newAxis, shrink },
  };
};

const split: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 4] }), axis = draw.axis(shape);
  const sizes = Array.from({ length: draw.integer(1, 3) }, () => draw.integer(0, 3));
  const total = sizes.reduce((a, b) => a + b, 0), equal = draw.chance(0.4) ? draw.integer(1, 3) : undefined;
  const wildcard = draw.chance(0.3);
  return {
    inputs: [draw.input(shape.with(axis, equal ? equal * draw.integer(1, 3) : total), draw.dtype())],
    fn: (x) => tf.split(x!, equal ?? (wildcard ? sizes.with(0, -1) : sizes), axis),
    attributes: { axis, sizes, equal, wildcard },
  };
};

const gather: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 3], min: 2 }), axis = draw.integer(0, shape.length - 1);
  return {
    inputs: [ // TensorFlow.js's gradient multiplies all elements by 0 and 1, also NaN.
      draw.input(shape, draw.dtype(), { special: false }),
      draw.input(draw.shape({ rank: [0, 2] }), "int32", { from: 0, to: 1 }),
    ],
    fn: (x, indices) => tf.gather(x!, indices as tf.Tensor1D, axis),
    attributes: { axis },
  };
};

/** Gathers with indices of their own for every place of the first axes. */
const gatherInBatches: Rule = (draw) => {
  const batch = draw.shape({ rank: [1, 2], min: 1 }), rest = draw.shape({ rank: [1, 2], min: 2 });
  const batchDims = batch.length, axis = batchDims + draw.integer(0, rest.length - 1);
  return {
    inputs: [
      draw.input([...batch, ...rest], draw.dtype(), { special: false }),
      draw.input([...batch, ...draw.shape({ rank: [1, 2], min: 1 })], "int32", { from: 0, to: 1 }),
    ],
    fn: (x, indices) => tf.gather(x!, indices as tf.Tensor1D, axis, batchDims),
    attributes: { axis, batchDims },
    // TensorFlow.js has none of several batch dimensions.
    gradient: batchDims > 1 ? "differences" : "derived",
    ...batchDims > 1 ? { tolerance: 1e-4, isSum: true } : {},
  };
};

const eye: Rule = (draw) => {
  const [rows, columns] = [draw.dim({ min: 1 }), draw.dim({ min: 1 })], dtype = draw.oneOf(["float32", "int32"]);
  const isSquare = draw.chance(0.5);
  return {
    inputs: [draw.input([rows, isSquare ? rows : columns], dtype)],
    fn: (x) => tf.add(x!, tf.eye(x!.shape[0]!, isSquare ? undefined : x!.shape[1]!, undefined, dtype)),
    attributes: { isSquare },
  };
};

const oneHot: Rule = (draw) => {
  const depth = draw.integer(1, 5),
    dtype = draw.oneOf(["float32", "int32", "bool"]),
    on = draw.oneOf([1, 1, 3, 0.9]),
    off = draw.oneOf([0, 0, 1]),
    bySize = draw.chance(0.2);
  const values = dtype === "bool" ? [1, 0] as const : [on, off] as const;
  return {
    inputs: [draw.input(draw.shape({ rank: [0, 3] }), "int32", { from: -2, to: 6 })],
    fn: (x) => tf.oneHot(x!, bySize ? x!.shape.at(-1) ?? depth : depth, ...values, dtype),
    attributes: { depth, bySize, dtype, values },
  };
};

/** Values of one number, in the shape of the input. */
const like = (fn: (x: tf.Tensor) => tf.Tensor): Rule => (draw) => ({
  inputs: [draw.input(draw.shape(), draw.dtype())],
  fn: (x) => fn(x!),
});

const fill: Rule = (draw) => {
  const value = draw.oneOf([0, 1, -3, 2]), dtype = draw.oneOf(["float32", "int32"]);
  return {
    inputs: [draw.input(draw.shape(), draw.oneOf(["float32", "int32"]))],
    fn: (x) => tf.add(tf.fill(x!.shape, value, dtype), x!),
    attributes: { value, dtype },
  };
};

/** The places along an axis, some of them a step apart. A known number of them is a constant. */
const range: Rule = (draw) => {
  const shape = [...draw.shape({ rank: [0, 2] }), draw.unknown()],
    start = draw.integer(-2, 2),
    step = draw.integer(1, 3);
  const dtype = draw.oneOf(["float32", "int32"]);
  return {
    inputs: [draw.input(shape, dtype)],
    fn: (x) => tf.add(x!, tf.range(start, start + step * x!.shape.at(-1)!, step, dtype)),
    attributes: { start, step },
  };
};

const linspace: Rule = (draw) => {
  const shape = [...draw.shape({ rank: [0, 2], min: 1 }), draw.unknown({ min: 1 })];
  const start = draw.number(-2, 2), stop = draw.number(-2, 2);
  return {
    inputs: [draw.input(shape)],
    fn: (x) => tf.add(x!, tf.linspace(start, stop, x!.shape.at(-1)!)),
    attributes: { start, stop },
  };
};

export const movement: Rules = {
  broadcastTo,
  concat,
  expandDims,
  fill,
  fixedSlice,
  eye,
  gather,
  gatherInBatches,
  linspace,
  mirrorPad,
  oneHot,
  onesLike: like(tf.onesLike),
  pad,
  range,
  reshape,
  reverse,
  slice,
  split,
  squeeze,
  stack,
  stridedSlice,
  tile,
  transpose,
  unstack,
  zerosLike: like(tf.zerosLike),
};
