/** Functions that index, count, order, and combine by letters. */
import * as tf from "@tensorflow/tfjs";
import type { Rule, Rules } from "./rule.ts";

const segments: Rule = (draw) => {
  const places = draw.dim({ min: 1 }), count = draw.integer(1, 4), bySize = draw.chance(0.3);
  return {
    inputs: [
      draw.input([places, ...draw.shape({ rank: [0, 2], min: 1 })], draw.oneOf(["float32", "int32"])),
      draw.input([places], "int32", { from: 0, to: count - 1 }),
    ],
    fn: (x, ids) => tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, bySize ? x!.shape[0]! : count),
    attributes: { count, bySize },
  };
};

const gatherNd: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 3], min: 2 }), depth = draw.integer(1, shape.length);
  return {
    inputs: [
      draw.input(shape, draw.dtype()),
      draw.input([...draw.shape({ rank: [0, 2], min: 1 }), depth], "int32", { from: 0, to: 1 }),
    ],
    fn: (x, indices) => tf.gatherND(x!, indices!),
    attributes: { depth },
  };
};

const scatterNd: Rule = (draw) => {
  const shape = [draw.integer(2, 4), draw.integer(2, 4), draw.integer(1, 3)].slice(0, draw.integer(1, 3));
  const depth = draw.integer(1, shape.length), places = draw.dim({ min: 1 });
  return {
    inputs: [
      draw.input([places, depth], "int32", { from: 0, to: depth > 2 ? 0 : 1 }),
      draw.input([places, ...shape.slice(depth)], draw.oneOf(["float32", "int32"])),
    ],
    fn: (indices, updates) => tf.scatterND(indices!, updates!, shape),
    attributes: { shape, depth },
  };
};

const tensorScatterUpdate: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 3], min: 2 }), depth = draw.integer(1, Math.min(2, shape.length));
  const places = draw.integer(1, 3), dtype = draw.oneOf(["float32", "int32"]);
  return {
    inputs: [
      draw.input(shape, dtype),
      draw.input([places, depth], "int32", { from: 0, to: 1 }),
      draw.input([places, ...shape.slice(depth)], dtype),
    ],
    fn: (x, indices, updates) => tf.tensorScatterUpdate(x!, indices!, updates!),
    attributes: { depth },
  };
};

const sparseToDense: Rule = (draw) => {
  const size = draw.integer(4, 6), places = draw.integer(1, 3), dtype = draw.oneOf(["float32", "int32"]);
  const constant = draw.shuffled([0, 1, 2, 3]).slice(0, places);
  return {
    inputs: [draw.input([places], dtype)],
    fn: (values) => tf.sparseToDense(tf.tensor1d(constant, "int32"), values!, [size], tf.scalar(7, dtype)),
    attributes: { size, constant },
    gradient: "none",
  };
};

const bincount: Rule = (draw) => {
  const count = draw.dim(), size = draw.integer(1, 5), weighted = draw.chance(0.5);
  const x = draw.input([count], "int32", { from: 0, to: 6 });
  return {
    inputs: weighted ? [x, draw.input([count], "float32", { special: false })] : [x],
    fn: (x, weights) => tf.bincount(x as tf.Tensor1D, (weights ?? tf.tensor1d([], "float32")) as tf.Tensor1D, size),
    attributes: { size, weighted },
  };
};

const denseBincount: Rule = (draw) => {
  const shape = draw.shape({ rank: [1, 2], min: 1 }), size = draw.integer(1, 5), binary = draw.chance(0.3);
  return {
    inputs: [draw.input(shape, "int32", { from: 0, to: 6 }), draw.input(shape, "float32", { special: false })],
    fn: (x, weights) => tf.denseBincount(x as tf.Tensor2D, weights as tf.Tensor2D, size, binary),
    attributes: { size, binary },
  };
};

const bitwiseAnd: Rule = (draw) => {
  const shape = draw.shape(), input = () => draw.input(shape, "int32", { from: -1000, to: 1000 });
  return { inputs: [input(), input()], fn: (a, b) => tf.bitwiseAnd(a!, b!) };
};

const broadcastArgs: Rule = (draw) => {
  const ranks = [draw.integer(1, 4), draw.integer(1, 4)];
  return {
    inputs: [
      draw.input([ranks[0]!], "int32", { from: 1, to: 1 }),
      draw.input([ranks[1]!], "int32", { from: 2, to: 5 }),
    ],
    fn: (a, b) => tf.broadcastArgs(a!, b!),
  };
};

const diag: Rule = (draw) => ({
  inputs: [draw.input(draw.shape({ rank: [1, 2], min: 1 }), draw.dtype())],
  fn: (x) => tf.diag(x!),
});

const searchSorted: Rule = (draw) => {
  const rows = draw.integer(1, 3), side = draw.oneOf(["left", "right"]);
  const limits = { whole: draw.chance(0.5), special: false };
  const sorted = draw.input([rows, draw.integer(1, 5)], "float32", limits);
  return {
    inputs: [
      { ...sorted, elements: (count) => sorted.elements(count).map(() => 0).map((_, at) => at % (count / rows)) },
      draw.input([rows, draw.dim({ min: 1 })], "float32", limits),
    ],
    fn: (sorted, values) => tf.searchSorted(sorted!, values!, side),
    attributes: { side },
  };
};

/** TensorFlow.js misses elements of sequences with NaN or infinities. */
const topk: Rule = (draw) => {
  const k = draw.integer(1, 3), shape = [...draw.shape({ rank: [0, 3] }), draw.dim({ min: k })], all = draw.chance(0.3);
  return {
    inputs: [
      draw.input(shape, draw.oneOf(["float32", "float32", "int32"]), { whole: draw.chance(0.5), special: false }),
    ],
    fn: (x) => {
      const { values, indices } = tf.topk(x!, all ? x!.shape.at(-1)! : k, true);
      return [values, indices];
    },
    attributes: { k, all },
  };
};

const EQUATIONS = [
  "ij,jk->ik",
  "bij,bjk->bik",
  "ij->ji",
  "ij->i",
  "i,j->ij",
  "ij,ij->",
  "abc,cd->abd",
  "bhqd,bhkd->bhqk",
];

const einsum: Rule = (draw) => {
  const equation = draw.oneOf(EQUATIONS), dims = new Map<string, number | string>();
  const terms = equation.split("->")[0]!.split(",");
  for (const letter of terms.join("")) if (!dims.has(letter)) dims.set(letter, draw.dim({ min: 1, max: 4 }));
  return {
    inputs: terms.map((term) =>
      draw.input([...term].map((letter) => dims.get(letter)!), "float32", { special: false })
    ),
    fn: (...tensors) => tf.einsum(equation, ...tensors),
    attributes: { equation },
    tolerance: 1e-4,
  };
};

const nonMaxSuppression: Rule = (draw) => {
  const count = draw.integer(1, 6),
    size = draw.integer(1, 4),
    overlap = draw.number(0.1, 0.9),
    score = draw.number(0, 0.5);
  const corners = draw.input([count, 4], "float32", { from: 0, to: 1, special: false });
  return {
    inputs: [
      {
        ...corners,
        elements: (length) => {
          const data = corners.elements(length);
          // Two corners far enough apart.
          return data.map((x, at) => at % 4 < 2 ? x : data[at - 2]! + 0.2 + x);
        },
      },
      draw.input([count], "float32", { from: 0, to: 1, special: false }),
    ],
    fn: (boxes, scores) => {
      const { selectedIndices, validOutputs } = tf.image.nonMaxSuppressionPadded(
        boxes as tf.Tensor2D,
        scores as tf.Tensor1D,
        size,
        overlap,
        score,
        true,
      );
      return [selectedIndices!, validOutputs!];
    },
    attributes: { size, overlap, score },
  };
};

export const indexing: Rules = {
  bincount,
  bitwiseAnd,
  broadcastArgs,
  denseBincount,
  diag,
  einsum,
  gatherND: gatherNd,
  "image.nonMaxSuppressionPadded": nonMaxSuppression,
  scatterND: scatterNd,
  searchSorted,
  sparseToDense,
  tensorScatterUpdate,
  topk,
  unsortedSegmentSum: segments,
};
