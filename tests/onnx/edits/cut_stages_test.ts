import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { allReduce, cutAtCollectives, toOnnx, trace } from "../../../onnx/internal.ts";
import type { TensorFunction } from "../../../onnx/internal.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

function stagesOf(fn: TensorFunction, shape: number[]) {
  const graph = trace(fn, { x: { shape } });
  return cutAtCollectives(toOnnx(graph, { collectives: true }));
}

Deno.test("a graph without sums is one stage, its inputs and outputs those of the graph", () => {
  const [stage, ...others] = stagesOf(({ x }) => ({ y: tf.exp(x!) }), [3]);
  assert.deepEqual([stage!.inputs, stage!.outputs, stage!.sums, others], [["x"], ["y"], [], []]);
});

Deno.test("independent sums share one exchange, after the stage that makes the last of them", () => {
  const stages = stagesOf(({ x }) => {
    const first = allReduce(tf.exp(x!)), beside = allReduce(tf.log(x!));
    return { y: tf.add(allReduce(tf.sqrt(tf.add(first, beside))), first) };
  }, [3]);
  assert.deepEqual(stages.map(({ sums }) => sums.length), [2, 1, 0]);
});

Deno.test("a node that only moves elements waits for the stage that reads it, and one that reduces them does not", () => {
  const stages = stagesOf(({ x }) => {
    const large = tf.exp(allReduce(x!));
    const later = allReduce(tf.sum(large));
    return { y: tf.mul(tf.concat([tf.transpose(large), tf.transpose(large)]), later), z: tf.sum(large, 0) };
  }, [3, 4]);
  assert.deepEqual(stages.map(({ outputs }) => outputs.length), [0, 3, 1], "the first stage is the sum of the input");
  assert.deepEqual(
    stages[2]!.inputs.filter((name) => name.startsWith("Exp")).length,
    1,
    "it reads the value before it is moved",
  );
  assert.ok(stages[1]!.outputs.includes("z"));
});

Deno.test("a constant is summed over the processes too", () => {
  const stages = stagesOf(({ x }) => ({ y: tf.add(x!, allReduce(tf.tensor1d([1, 2]))) }), [2]);
  assert.deepEqual(stages.map(({ sums }) => sums.length), [1, 0]);
});
