import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { orderLowerings } from "../../../onnx/lowerings/order.ts";
import { type Case, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const topk = (k: number): Case["fn"] => (x) => {
  const { values, indices } = tf.topk(x!, k);
  return [values, indices];
};

/** A case of sorted sequences, in which numbers repeat, and of values, some of which are in them. */
const searched = (fn: Case["fn"], sequences: (number | null)[], values: (number | null)[]): Case => ({
  fn,
  shapes: [sequences, values],
  elements: [[-3, -1, 0, 0, 0, 2, 4.5], [0, 5, -4, 2, 1, NaN, -1, Infinity]],
});

const bothBounds: Case["fn"] = (a, b) => [tf.lowerBound(a!, b!), tf.upperBound(a!, b!)];

Deno.test("TopK of rows that turn out to be none", async () => {
  const model = toOnnx(trace(({ x }) => ({ y: tf.topk(x!, 2).values }), { x: { shape: [null, 3] } }));
  const { y } = await runOnnx(model, { x: { shape: [0, 3], data: new Float32Array() } });
  assert.deepEqual(y!.shape, [0, 2]);
});

testLowerings(Object.keys(orderLowerings), {
  "SearchSorted": searched(bothBounds, [7], [16]),
  "SearchSorted of rows": searched(bothBounds, [null, 7], [null, 3]),
  "SearchSorted of an unknown number of values": searched(bothBounds, [2, 7], [2, null]),
  "SearchSorted of int32 in float32": {
    ...searched((a, b) => tf.searchSorted(a!, tf.cast(b!, "int32"), "right"), [7], [5]),
    elements: [[-3, -1, 0, 0, 0, 2, 4.5], [0, 5, -4, 2, 1]],
  },
  "TopK": testCase(topk(3), [null, 8]),
  "TopK of equal numbers": { ...testCase(topk(4), [3, 9]), from: (x) => Math.round(2 * x) },
  "TopK of int32": typedCase("int32", topk(5), [3, 20]),
  "TopK of bool": typedCase("bool", topk(3), [2, 6]),
  "TopK of no rows": testCase(topk(2), [0, 3]),
  "TopK of none and of all": testCase((x) => [...topk(0)(x!) as tf.Tensor[], ...topk(5)(x!) as tf.Tensor[]], [5]),
});
