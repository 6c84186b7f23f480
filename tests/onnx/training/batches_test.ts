import process from "node:process";
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

Deno.test("a batch is copied in a time that its bytes take, not that of a visit to every element", () => {
  const of = model(1000), large = { xs: tf.zeros([2000, 1000]), ys: tf.zeros([2000, 1]) };
  const begun = process.cpuUsage();
  hostBatch(of, large);
  const { user, system } = process.cpuUsage(begun);
  // The copy takes 5 ms. tf.tidy takes a second to look for tensors in two million elements.
  assert.ok(user + system < 200_000, `${user + system} microseconds`);
});

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
