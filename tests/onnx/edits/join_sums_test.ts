import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { ALL_REDUCE, allReduce, joinSums, toOnnx, trace } from "../../../onnx/internal.ts";
import type { TensorFunction } from "../../../onnx/internal.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

/** The nodes of a function of one input whose sums are joined. */
function nodesOf(fn: TensorFunction, shape: number[]) {
  const model = joinSums(toOnnx(trace(fn, { x: { shape } }), { collectives: true }));
  return fromBinary(ModelProtoSchema, model).graph!.node;
}

const threeSums: TensorFunction = ({ x }) => {
  const first = allReduce(tf.exp(x!)), beside = allReduce(tf.sum(tf.log(x!)));
  return { y: tf.add(allReduce(tf.sqrt(tf.add(first, beside))), first) };
};

Deno.test("independent sums become one node, and one that depends on them stays another", () => {
  const sums = nodesOf(threeSums, [3]).filter(({ opType }) => opType === ALL_REDUCE);
  assert.deepEqual(sums.map(({ input, output }) => [input.length, output.length]), [[2, 2], [1, 1]]);
});

Deno.test("each node comes after those whose results it reads", () => {
  const made = new Set(["x"]);
  for (const { input, output } of nodesOf(threeSums, [3])) {
    for (const name of input) assert.ok(made.has(name) || name.startsWith("constant"), name);
    for (const name of output) made.add(name);
  }
});

Deno.test("a graph without sums keeps its nodes", () => {
  assert.deepEqual(nodesOf(({ x }) => ({ y: tf.exp(x!) }), [3]).map(({ opType }) => opType), ["Exp"]);
});
