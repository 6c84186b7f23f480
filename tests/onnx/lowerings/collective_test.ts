import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { allReduce, toOnnx, trace } from "../../../onnx/internal.ts";
import { collectiveLowerings } from "../../../onnx/lowerings/collective.ts";
import { testCase, testLowerings } from "../../support/lowering_cases.ts";
import { operators } from "../../support/operators.ts";

testLowerings(Object.keys(collectiveLowerings), {
  "AllReduce, in a process that is alone": testCase((x) => tf.square(allReduce(x!)), [3, 4]),
});

Deno.test("a sum over processes is a node, and its result is unknown also if its input is a constant", () => {
  const squaredSum = trace(() => ({ y: tf.square(allReduce(tf.tensor1d([1, 2]))) }), {});
  assert.deepEqual(operators(toOnnx(squaredSum, { collectives: true })), ["Identity", "AllReduce", "Mul"]);
});
