/** Functions that move whole tensors: shapes, orders, joins and padding. */
import * as tf from "@tensorflow/tfjs";
import { axisOf, product, step, type StepRule, sum } from "./step.ts";

export const reshape: StepRule = (draw, x) => {
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

export const transpose: StepRule = (draw, x) => {
  const perm = draw.shuffled(x.shape.map((_, axis) => axis));
  return step(`transpose ${perm}`, [x], (x) => tf.transpose(x!, perm), perm.map((axis) => x.shape[axis]!));
};

export const expand: StepRule = (draw, x) => {
  if (x.shape.length > 3) return undefined;
  const axis = draw.integer(0, x.shape.length);
  return step(`expandDims ${axis}`, [x], (x) => tf.expandDims(x!, axis), x.shape.toSpliced(axis, 0, 1));
};

export const concat: StepRule = (draw, x, all) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x);
  const fitting = all.filter(({ shape, dtype }) =>
    dtype === x.dtype && shape.length === x.shape.length && shape.every((dim, at) => at === axis || dim === x.shape[at])
  );
  const y = draw.oneOf([x, ...fitting]), size = sum(sum(x.shape[axis]!, y.shape[axis]!), x.shape[axis]!);
  return step(`concat ${axis}`, [x, y], (x, y) => tf.concat([x!, y!, x!], axis), x.shape.with(axis, size));
};

export const stack: StepRule = (draw, x, all) => {
  if (x.shape.length > 3) return undefined;
  const axis = draw.integer(0, x.shape.length);
  const y = draw.oneOf(all.filter(({ shape, dtype }) => dtype === x.dtype && `${shape}` === `${x.shape}`));
  return step(`stack ${axis}`, [x, y], (x, y) => tf.stack([x!, y!, y!], axis), x.shape.toSpliced(axis, 0, 3));
};

export const pad: StepRule = (draw, x) => {
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

export const tile: StepRule = (draw, x) => {
  if (x.shape.length === 0) return undefined;
  const axis = axisOf(draw, x), reps = x.shape.map((_, at) => at === axis ? 2 : 1);
  return step(`tile ${axis}`, [x], (x) => tf.tile(x!, reps), x.shape.with(axis, product(x.shape[axis]!, 2)));
};

export const oneHot: StepRule = (_, x) => {
  if (x.dtype !== "int32" || x.shape.length > 3) return undefined;
  return step("oneHot", [x], (x) => tf.oneHot(x!, 3), [...x.shape, 3], "int32");
};
