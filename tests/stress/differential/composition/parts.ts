/** Functions that take parts of a tensor. */
import * as tf from "@tensorflow/tfjs";
import { axisOf, isAtLeastOne, step, type StepRule, sum, withElements } from "./step.ts";

export const unstack: StepRule = (draw, x) => {
  const known = x.shape.flatMap((dim, axis) => typeof dim === "number" && dim > 0 && dim < 5 ? [axis] : []);
  if (known.length === 0) return undefined;
  const axis = draw.oneOf(known), shape = x.shape.toSpliced(axis, 1);
  const to = Array.from({ length: x.shape[axis] as number }, () => ({ shape, dtype: x.dtype }));
  return { text: `unstack ${axis}`, from: [x], run: (x) => tf.unstack(x!, axis), to };
};

/** Splits a size into halves, or off the first or last part. */
export const split: StepRule = (draw, x) => {
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

export const gather: StepRule = (draw, x, all) => {
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

export const slice: StepRule = (draw, x) => {
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
