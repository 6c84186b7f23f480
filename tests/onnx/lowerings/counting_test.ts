import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { countingLowerings } from "../../../onnx/lowerings/counting.ts";
import { type Case, testLowerings } from "../../support/lowering_cases.ts";
import { runOnnx } from "../../support/run_onnx.ts";

type Shape = (number | null)[];

const classes = [0, 3, 1, 1, 7, 0, 2, 5];

/** A case of classes, some of which lie outside, and of elements. */
const counted = (fn: Case["fn"], ...[ids, ...elements]: [Shape, ...Shape[]]): Case => ({
  fn,
  shapes: [ids, ...elements],
  dtypes: ["int32"],
  elements: [classes],
  opset: 16,
});

const dense = (x: tf.Tensor, weights: tf.Tensor, binary?: boolean) =>
  tf.denseBincount(x as tf.Tensor2D, weights as tf.Tensor2D, 4, binary);

const noWeights = (dtype: "float32" | "int32" = "float32") => tf.tensor1d([], dtype);

testLowerings(Object.keys(countingLowerings), {
  "Bincount": counted((x, w) => tf.bincount(x as tf.Tensor1D, w as tf.Tensor1D, 4), [null], [null]),
  "Bincount without weights, of int32": counted((x) => tf.bincount(x as tf.Tensor1D, noWeights("int32"), 4), [20]),
  "Bincount of nothing": { ...counted((x) => tf.bincount(x as tf.Tensor1D, noWeights(), 4), [0]), opset: 13 },
  "DenseBincount of rows": counted((x, w) => dense(x!, w!), [null, 5], [null, 5]),
  "DenseBincount of one row": counted((x, w) => dense(x!, w!), [9], [9]),
  "DenseBincount without weights": counted((x) => dense(x!, noWeights()), [3, 5]),
  "DenseBincount, binary": counted((x, w) => [dense(x!, noWeights(), true), dense(x!, w!, true)], [3, 5], [3, 5]),
  "UnsortedSegmentSum": counted((i, x) => tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 4), [null], [null, 3]),
  "UnsortedSegmentSum of one axis": counted((i, x) => tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 4), [9], [9]),
  "UnsortedSegmentSum of an unknown rest": counted(
    (i, x) => tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 4),
    [9],
    [9, 2, null],
  ),
  "UnsortedSegmentSum leaves out negative ids": {
    ...counted((i, x) => tf.unsortedSegmentSum(x!, tf.sub(i!, tf.scalar(2, "int32")) as tf.Tensor1D, 4), [9], [9, 2]),
  },
  "UnsortedSegmentSum of int32 is float32": {
    ...counted((i, x) => tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 4), [9], [9, 2]),
    dtypes: ["int32", "int32"],
  },
  "UnsortedSegmentSum's gradient": {
    fn: (i, x) =>
      tf.grad((x) => tf.square(tf.unsortedSegmentSum(x, tf.sub(i!, tf.scalar(1, "int32")) as tf.Tensor1D, 4)))(x!),
    shapes: [[6], [6, 3]],
    dtypes: ["int32"],
    elements: [[0, 3, 1, 1, 4, 0]],
    opset: 16,
  },
});

const refused: Record<string, { fn: (x: tf.Tensor) => tf.Tensor; shape: number[]; says: RegExp }> = {
  "ids of rank 2": {
    fn: (x) => tf.unsortedSegmentSum(tf.ones([2, 2]), x as tf.Tensor1D, 3),
    shape: [2, 2],
    says: /^TraceError: tf.unsortedSegmentSum with ids of rank 2; reshape them/,
  },
  "a binary count of rank 1": {
    fn: (x) => tf.denseBincount(x as tf.Tensor1D, noWeights(), 3, true),
    shape: [2],
    says: /^TraceError: tf.denseBincount of rank 1 counts in spite of binaryOutput/,
  },
  "weights of bool": {
    fn: (x) => tf.bincount(x as tf.Tensor1D, tf.cast(x, "bool") as tf.Tensor1D, 3),
    shape: [2],
    says: /^TraceError: tf\.bincount with weights of bool; cast them/,
  },
};

for (const [what, { fn, shape, says }] of Object.entries(refused)) {
  Deno.test(`${what} are refused`, () => {
    assert.throws(() => toOnnx(trace(({ x }) => ({ y: fn(x!) }), { x: { shape, dtype: "int32" } })), says);
  });
}

/** Counts of integers, which TensorFlow.js refuses to take of negative ones. */
const counts: Readonly<Record<string, { count: (x: tf.Tensor) => tf.Tensor; shape: number[] }>> = {
  "bincount": { count: (x) => tf.bincount(x as tf.Tensor1D, noWeights() as tf.Tensor1D, 4), shape: [6] },
  "denseBincount": { count: (x) => dense(x, noWeights()), shape: [2, 3] },
  "binary denseBincount": { count: (x) => dense(x, noWeights(), true), shape: [2, 3] },
};

for (const [what, { count, shape }] of Object.entries(counts)) {
  Deno.test(`tf.${what} of negative numbers is refused when the model runs, as in TensorFlow.js`, async () => {
    const model = toOnnx(trace(({ x }) => ({ y: count(x!) }), { x: { shape, dtype: "int32" } }));
    const run = (data: Int32Array) => runOnnx(model, { x: { shape, data } });
    const [negative, positive] = [Int32Array.of(1, 2, -1, 3, 0, 300), Int32Array.of(1, 2, 0, 3, 0, 300)];
    assert.throws(() => count(tf.tensor(negative, shape)), /non-negative/);
    await assert.rejects(() => run(negative), /counted_numbers_must_not_be_negative/);
    const { y } = await run(positive);
    assert.deepEqual(Array.from(y!.data, Number), Array.from(count(tf.tensor(positive, shape)).dataSync()));
  });
}
