import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { batchesOf, hostBatch, isExamples } from "../../../onnx/training/batches.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

function model(inputs: number): tf.LayersModel {
  const input = tf.input({ shape: [inputs], name: "numbers" });
  const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 1 }).apply(input) as tf.SymbolicTensor });
  model.compile({ loss: "meanSquaredError", optimizer: "sgd" });
  return model;
}

const examples = { xs: tf.tensor2d([[1, 2], [3, 4], [5, 6]], [3, 2], "int32"), ys: tf.tensor1d([1, 0, 1]) };

Deno.test("a batch has the types of the model's inputs, and targets in columns", () => {
  const of = model(2), before = tf.memory().numTensors;
  assert.deepEqual(hostBatch(of, examples), {
    size: 3,
    tensors: [
      { shape: [3, 2], dtype: "float32", data: Float32Array.of(1, 2, 3, 4, 5, 6) },
      { shape: [3, 1], dtype: "float32", data: Float32Array.of(1, 0, 1) },
    ],
  });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("a batch is copied without a visit to every element: no scope of TensorFlow.js returns its numbers", () => {
  const engine = tf.engine(), { endScope } = engine, returned: unknown[] = [];
  // It looks for tensors in every element of what it is given.
  engine.endScope = (result) => {
    returned.push(result);
    endScope.call(engine, result);
  };
  try {
    hostBatch(model(2), examples);
  } finally {
    engine.endScope = endScope;
  }
  assert.ok(returned.length > 0);
  for (const result of returned) assert.deepEqual(numbersIn(result), []);
});

/** The arrays of numbers in a value; tensors are not searched. */
function numbersIn(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null || value instanceof tf.Tensor) return [];
  return ArrayBuffer.isView(value) ? [value] : Object.values(value).flatMap(numbersIn);
}

Deno.test("batches follow the given order, and the last one is smaller", () => {
  const source = batchesOf(hostBatch(model(2), examples), 2, () => Int32Array.of(2, 0, 1));
  const batches = Array.from(source.epoch(0) as Iterable<ReturnType<typeof hostBatch>>);
  assert.deepEqual(batches.map(({ size, tensors }) => [size, ...tensors[0]!.data]), [[2, 5, 6, 1, 2], [1, 3, 4]]);
});

Deno.test("examples are told from batches", () => {
  assert.equal(isExamples(examples), true);
  assert.equal(isExamples([examples]), false);
  assert.equal(isExamples(tf.data.array([examples]) as never), false);
});
