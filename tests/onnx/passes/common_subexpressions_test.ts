import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { commonSubexpressions } from "../../../onnx/passes/common_subexpressions.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { count, kernelNames, traceImages } from "../../support/trace_images.ts";

Deno.test("identical kernels become one, also where they are outputs", () => {
  const traced = traceImages(({ x }) => ({ a: tf.exp(tf.relu(x!)), b: tf.relu(x!), c: tf.exp(tf.relu(x!)) }));
  const graph = applyPass(traced, commonSubexpressions);
  assert.deepEqual(kernelNames(graph), ["Relu", "Exp"]);
  assert.deepEqual(Object.keys(graph.outputs), ["a", "b", "c"]);
  assert.equal(graph.outputs["a"], graph.outputs["c"]);
});

Deno.test("kernels of several outputs become one", () => {
  const parts = (x: tf.Tensor) => tf.split(x, 2, 1);
  const traced = traceImages(({ x }) => ({ a: parts(x!)[0]!, b: tf.add(parts(x!)[0]!, parts(x!)[1]!) }));
  assert.equal(count(traced, "SplitV"), 3);
  assert.deepEqual(kernelNames(applyPass(traced, commonSubexpressions)), ["SplitV", "Add"]);
});

Deno.test("kernels of other attributes stay apart", () => {
  const traced = traceImages(({ x }) => ({ a: tf.sum(x!, 1), b: tf.sum(x!, 2) }));
  assert.equal(count(applyPass(traced, commonSubexpressions), "Sum"), 2);
});

Deno.test("kernels that differ only in an infinity, NaN or the sign of 0 stay apart", () => {
  const numbers = [Infinity, -Infinity, NaN, 0, -0];
  const traced = traceImages(({ x }) => ({
    padded: tf.addN(numbers.map((number) => tf.pad(x!, [[0, 0], [1, 1], [0, 0], [0, 0]], number))),
    filled: tf.addN(numbers.map((number) => tf.fill([2], number))),
  }));
  const graph = applyPass(traced, commonSubexpressions);
  assert.deepEqual([count(graph, "PadV2"), count(graph, "Fill")], [numbers.length, numbers.length]);
});
