/** Matrix products, convolutions, pooling, and the losses on top of networks. */
import * as tf from "@tensorflow/tfjs";
import type { Draw } from "./draw.ts";
import type { Dim } from "./input.ts";
import type { Rule, Rules } from "./rule.ts";

/** A tensor whose axes come from elsewhere: its own axes, and how they are transposed to `shape`. */
function moved(draw: Draw, shape: readonly Dim[]) {
  const axes = shape.map((_, axis) => axis), perm = draw.chance(0.3) ? draw.shuffled(axes) : axes;
  return { shape: axes.map((axis) => shape[perm.indexOf(axis)]!), perm };
}

const matMul: Rule = (draw) => {
  const batch = draw.shape({ rank: [0, 2], min: 1, max: 3 }),
    [rows, inner, columns] = [draw.dim(), draw.dim(), draw.dim()];
  const transposeA = draw.chance(0.4), transposeB = draw.chance(0.4);
  const a = moved(draw, [...batch, ...transposeA ? [inner, rows] : [rows, inner]]);
  // TensorFlow.js repeats matrices in turn, whichever of their axes has size 1, and even for an empty batch.
  const isRepeated = draw.chance(0.3), kept = batch.slice(draw.integer(0, batch.length));
  const b = moved(draw, [...isRepeated ? kept : batch, ...transposeB ? [columns, inner] : [inner, columns]]);
  const type = () => draw.oneOf(["float32", "float32", "int32"]);
  return {
    inputs: [draw.input(a.shape, type()), draw.input(b.shape, type())],
    fn: (x, y) => tf.matMul(tf.transpose(x!, a.perm), tf.transpose(y!, b.perm), transposeA, transposeB),
    attributes: { transposeA, transposeB, a: a.perm, b: b.perm },
  };
};

const dot: Rule = (draw) => {
  const inner = draw.dim(), ranks = [draw.integer(1, 2), draw.integer(1, 2)];
  return {
    inputs: [
      draw.input(ranks[0] === 1 ? [inner] : [draw.dim(), inner]),
      draw.input(ranks[1] === 1 ? [inner] : [inner, draw.dim()]),
    ],
    fn: (a, b) => tf.dot(a!, b!),
  };
};

/** The attributes of a window that slides over images. */
function drawWindow(draw: Draw) {
  const filter = [draw.integer(1, 4), draw.integer(1, 4)] as [number, number];
  const strides = draw.chance(0.5)
    ? [1, 1] as [number, number]
    : [draw.integer(1, 3), draw.integer(1, 3)] as [number, number];
  const pad = draw.oneOf(["same", "same", "valid", "number"]);
  // A window that lies in the padding alone has no average.
  return { filter, strides, pad: pad === "number" ? draw.integer(0, Math.min(...filter) - 1) : pad };
}

type Window = ReturnType<typeof drawWindow>;

/** Images that the window fits into. */
const images = (
  draw: Draw,
  { filter }: Window,
  dilations: readonly number[],
  channels: number,
  fewest: number,
): Dim[] => [
  draw.dim({ min: fewest, max: 3 }),
  draw.dim({ min: (filter[0] - 1) * dilations[0]! + 1, max: 9 }),
  draw.dim({ min: (filter[1] - 1) * dilations[1]! + 1, max: 9 }),
  channels,
];

const conv2d: Rule = (draw) => {
  const window = drawWindow(draw), isPlain = window.strides.every((stride) => stride === 1);
  const dilations = (isPlain && draw.chance(0.3) ? [draw.integer(1, 2), draw.integer(1, 2)] : [1, 1]) as [
    number,
    number,
  ];
  const [inputs, outputs] = [draw.oneOf([1, 2, 3, 16]), draw.oneOf([1, 2, 4, 16])];
  return {
    inputs: [
      draw.input(images(draw, window, dilations, inputs, 1), "float32", { from: -1, to: 1, special: false }),
      draw.input([...window.filter, inputs, outputs], "float32", { from: -1, to: 1, special: false }),
    ],
    fn: (x, filter) =>
      tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, window.strides, window.pad as "same", "NHWC", dilations),
    attributes: { ...window, dilations },
    tolerance: 1e-4,
    isSum: true,
  };
};

const pooled = (draw: Draw, window: Window) => images(draw, window, [1, 1], draw.oneOf([1, 2, 3]), 0);

const avgPool: Rule = (draw) => {
  const window = drawWindow(draw);
  return {
    inputs: [draw.input(pooled(draw, window))],
    fn: (x) => tf.avgPool(x as tf.Tensor4D, window.filter, window.strides, window.pad as "same"),
    attributes: window,
    // The gradient of TensorFlow.js divides by the whole window at the border.
    gradient: "differences",
    tolerance: 1e-4,
    isSum: true,
  };
};

const maxPool: Rule = (draw) => {
  const window = drawWindow(draw), { specialValues, limits } = draw.specials();
  return {
    inputs: [draw.input(pooled(draw, window), "float32", limits)],
    specialValues,
    fn: (x) => tf.maxPool(x as tf.Tensor4D, window.filter, window.strides, window.pad as "same"),
    attributes: { ...window, specialValues },
    tolerance: 1e-4,
    isSum: true,
  };
};

/** A convolution with what commonly surrounds it, so that layouts meet. */
const block: Rule = (draw) => {
  const channels = draw.oneOf([2, 16]), axes = [...draw.oneOf([[1, 2], [0, 1, 2], [3], [0], []])];
  const relu = draw.chance(0.5), add = draw.chance(0.5);
  return {
    inputs: [
      draw.input(
        [draw.dim({ min: 1, max: 3 }), draw.dim({ min: 1, max: 6 }), draw.dim({ min: 1, max: 6 }), channels],
        "float32",
        { special: false },
      ),
      draw.input([3, 3, channels, channels], "float32", { from: -0.3, to: 0.3, special: false }),
      draw.input([channels], "float32", { special: false }),
    ],
    fn: (x, filter, bias) => {
      const y = tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"), bias!);
      const z = add ? tf.add(relu ? tf.relu(y) : y, x!) : tf.mul(y, bias!);
      return [z, tf.mean(z, axes), tf.sum(tf.mul(z, z), axes)];
    },
    attributes: { axes, relu, add },
    tolerance: 1e-4,
    isSum: true,
  };
};

const reductions = [tf.Reduction.NONE, tf.Reduction.MEAN, tf.Reduction.SUM, tf.Reduction.SUM_BY_NONZERO_WEIGHTS];

type Loss = (labels: tf.Tensor, predictions: tf.Tensor, weights?: tf.Tensor, reduction?: tf.Reduction) => tf.Tensor;

/** A loss of labels, which may be a constant of integers, and predictions. */
const loss = (fn: Loss): Rule => (draw) => {
  const shape = [draw.dim({ min: 1 }), draw.integer(2, 4)], reduction = draw.oneOf(reductions);
  const dtype = draw.oneOf(["float32", "int32"]), constant = draw.chance(0.4) && typeof shape[0] === "number";
  const labels = draw.input(shape, dtype, { from: 0, to: 1, whole: true, special: false });
  const predictions = draw.input(shape, "float32", { from: 0.1, to: 0.9, special: false });
  if (!constant) {
    return {
      inputs: [labels, predictions],
      fn: (y, x) => fn(y!, x!, undefined, reduction),
      attributes: { reduction },
      tolerance: 1e-4,
      isSum: true,
    };
  }
  const data = labels.elements((shape[0] as number) * (shape[1] as number));
  return {
    inputs: [predictions],
    fn: (x) => fn(tf.tensor(data, shape as number[], dtype), x!, undefined, reduction),
    attributes: { reduction, labels: [...data], dtype },
    tolerance: 1e-4,
    isSum: true,
  };
};

/** A soft-max cross-entropy with one-hot labels of constant or given classes. */
const classification: Rule = (draw) => {
  const batch = draw.integer(1, 4), classes = draw.integer(2, 4), isConstant = draw.chance(0.5);
  const labels = Array.from({ length: batch }, () => draw.integer(0, classes - 1));
  const logits = draw.input([batch, classes], "float32", { special: false });
  const fn = (labels: tf.Tensor, logits: tf.Tensor) =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(labels, classes), logits);
  if (isConstant) return { inputs: [logits], fn: (x) => fn(tf.tensor1d(labels, "int32"), x!), attributes: { labels } };
  return { inputs: [draw.input([batch], "int32", { from: 0, to: classes - 1 }), logits], fn: (y, x) => fn(y!, x!) };
};

export const networks: Rules = {
  avgPool,
  block,
  classification,
  conv2d,
  dot,
  "losses.absoluteDifference": loss(tf.losses.absoluteDifference),
  "losses.huberLoss": loss((y, x, w, r) => tf.losses.huberLoss(y, x, w, 1, r)),
  "losses.logLoss": loss((y, x, w, r) => tf.losses.logLoss(y, x, w, 1e-7, r)),
  "losses.meanSquaredError": loss(tf.losses.meanSquaredError),
  "losses.sigmoidCrossEntropy": loss((y, x, w, r) => tf.losses.sigmoidCrossEntropy(y, x, w, 0, r)),
  "losses.softmaxCrossEntropy": loss((y, x, w, r) => tf.losses.softmaxCrossEntropy(y, x, w, 0, r)),
  matMul,
  maxPool,
};
