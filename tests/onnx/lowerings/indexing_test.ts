import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { indexingLowerings } from "../../../onnx/lowerings/indexing.ts";
import { blockedCase, type Case, testLowerings } from "../../support/lowering_cases.ts";

type Shape = (number | null)[];

/** A case of values and of indices below 3. */
const indexed = (fn: Case["fn"], values: Shape, indices: Shape, ...updates: Shape[]): Case => ({
  fn,
  shapes: [values, indices, ...updates],
  dtypes: ["float32", "int32"],
  elements: [undefined, [2, 0, 1, 1, 2, 0, 0]],
});

const gather = (axis: number, batchDims: number) => (x?: tf.Tensor, indices?: tf.Tensor) =>
  tf.gather(x!, indices as tf.Tensor1D, axis, batchDims);

const gatherGradient = (axis: number, batchDims: number) => (x?: tf.Tensor, indices?: tf.Tensor) =>
  tf.grad((x) => tf.square(tf.gather(x, indices as tf.Tensor1D, axis, batchDims)))(x!);

const boolOf = (x?: tf.Tensor) => tf.greater(x!, 0);

testLowerings(Object.keys(indexingLowerings), {
  "GatherNd of elements": indexed((x, i) => tf.gatherND(x!, i!), [3, 4], [null, 2]),
  "GatherNd of slices of bool": indexed((x, i) => tf.gatherND(boolOf(x), i!), [3, 4, 2], [2, 5, 1]),
  "GatherNd of one": indexed((x, i) => tf.gatherND(x!, i!), [3, 4], [2]),
  "GatherV2": indexed(gather(0, 0), [3, 4], [null]),
  "GatherV2 of the last axis, by a matrix": indexed(gather(-1, 0), [null, 3], [2, 4]),
  "GatherV2 by one index": indexed((x, i) => tf.gather(x!, i as tf.Scalar, 1), [2, 3, 4], []),
  "GatherV2 of bool and of no indices": indexed((x, i) => [tf.gather(boolOf(x), i as tf.Tensor1D)], [3, 4], [0]),
  "GatherV2 in batches": indexed(gather(1, 1), [null, 3], [null, 4]),
  "GatherV2 in batches, of a later axis": indexed(gather(2, 1), [2, 5, 3, 4], [2, 6]),
  "GatherV2 in batches of two axes": indexed(gather(2, -2), [null, 2, 3, 4], [null, 2]),
  "GatherV2 in batches of two axes, of a later axis": indexed(gather(3, 2), [2, 2, 4, 3], [2, 2, 5]),
  "GatherV2 of a blocked image": blockedCase((y) => tf.gather(y, tf.tensor1d([2, 0], "int32"), 1)),
  "GatherV2's gradient": { ...indexed(gatherGradient(0, 0), [3, 4], [7]), opset: 16 },
  "GatherV2's gradient on a later axis": { ...indexed(gatherGradient(1, 0), [2, 3, 4], [2, 5]), opset: 16 },
  "GatherV2's gradient in batches": { ...indexed(gatherGradient(1, 1), [2, 3], [2, 4]), opset: 16 },
  "an embedding": indexed(
    (table, i) => tf.reshape(tf.gather(table!, tf.reshape(i!, [-1]) as tf.Tensor1D), [-1, 4, 5]),
    [3, 5],
    [null, 4],
  ),
  "ScatterNd adds updates of one place": {
    ...indexed((_, i, u) => tf.scatterND(i!, u!, [4]), [], [7, 1], [7]),
    opset: 16,
  },
  "ScatterNd of slices": {
    ...indexed((_, i, u) => tf.scatterND(i!, u!, [3, 4, 2]), [], [null, 1], [null, 4, 2]),
    opset: 16,
  },
  "ScatterNd of elements of int32": {
    ...indexed((_, i, u) => tf.scatterND(i!, tf.cast(tf.mul(u!, 9), "int32"), [3, 4]), [], [5, 2], [5]),
    opset: 16,
  },
  "ScatterNd by a matrix of indices": {
    ...indexed((_, i, u) => tf.scatterND(i!, u!, [3, 3, 2]), [], [2, 3, 2], [2, 3, 2]),
    opset: 16,
  },
  "ScatterNd of nothing": { ...indexed((_, i, u) => tf.scatterND(i!, u!, [3, 0]), [], [2, 1], [2, 0]), opset: 13 },
  "SparseToDense": indexed(
    (_, i, u) => tf.sparseToDense(tf.reshape(i!, [-1]) as tf.Tensor1D, u as tf.Tensor1D, [5], 0.5),
    [],
    [3],
    [3],
  ),
  "SparseToDense of a matrix": indexed(
    (_, i, u) => tf.sparseToDense(i as tf.Tensor2D, u as tf.Tensor1D, [3, 4], 0),
    [],
    [2, 2],
    [2],
  ),
  "SparseToDense of one number": indexed(
    (_, i, u) => tf.sparseToDense(i as tf.Tensor1D, u as tf.Scalar, [5], 0.5),
    [],
    [3],
    [],
  ),
  "SparseToDense at one place, of bool": indexed(
    (_, i, u) => tf.sparseToDense(i as never, boolOf(u) as never, [5], tf.scalar(true) as never),
    [],
    [],
    [],
  ),
  "TensorScatterUpdate, the last update of a place": indexed(
    (x, i, u) => tf.tensorScatterUpdate(tf.add(x!, 0), i!, u!),
    [4, 2],
    [7, 1],
    [7, 2],
  ),
  "TensorScatterUpdate of elements of bool": indexed(
    (x, i, u) => tf.tensorScatterUpdate(boolOf(x), i!, boolOf(u)),
    [3, 4],
    [null, 2],
    [null],
  ),
});

Deno.test("a scatter that adds bools is refused", () => {
  const graph = trace(
    ({ i, u }) => ({ y: tf.scatterND(i!, u!, [4]) }),
    { i: { shape: [2, 1], dtype: "int32" }, u: { shape: [2], dtype: "bool" } },
  );
  assert.throws(() => toOnnx(graph), /^TraceError: tf.scatterND adds bools/);
});

Deno.test("a scatter into a tensor of unknown size is refused", () => {
  const graph = trace(
    ({ x, i, u }) => ({ y: tf.tensorScatterUpdate(x!, i!, u!) }),
    { x: { shape: [null] }, i: { shape: [2, 1], dtype: "int32" }, u: { shape: [2] } },
  );
  assert.throws(
    () => toOnnx(graph),
    /^TraceError: tf\.tensorScatterUpdate writes to a tensor whose size is unknown/,
  );
});
