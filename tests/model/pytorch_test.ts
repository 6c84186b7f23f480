/** The whole network against PyTorch's numbers, which pytorch_reference.py wrote in float64. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { inference } from "../../model/inference.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { lossAndGradients } from "../../model/training_step.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { randomArray } from "../support/random_tensors.ts";
import reference from "./pytorch_reference.json" with { type: "json" };

await useCpu();
const BATCH = 4, SIDE = 8, TOLERANCE = 1e-5;
// Of this depth and width the net has every kind of block: skips with and without a stride, and identities.
const net = shakeNet({ depth: 14, width: 2, branches: 2, classes: 3 });

/** Numbers in [-1, 1) whose seed is made of their name. */
function drawn(name: string, shape: readonly number[]): Float32Array {
  const seed = [...name].reduce((seed, character) => (Math.imul(seed, 31) + character.codePointAt(0)!) >>> 0, 0);
  return randomArray(shape, seed);
}

const tensor = (name: string, shape: number[]) => tf.tensor(drawn(name, shape), shape);

const inputs: tf.NamedTensorMap = {
  images: tensor("images", [BATCH, SIDE, SIDE, 3]),
  labels: tf.tensor1d(Array.from({ length: BATCH }, (_, at) => at % net.classes), "int32"),
  alpha: tensor("alpha", [net.blocks.length, net.branches, BATCH]),
  beta: tensor("beta", [net.blocks.length, net.branches, BATCH]),
};
for (const { name, kind, shape } of net.variables) {
  const offset = name.endsWith("/gamma") || name.endsWith("/movingVariance") ? 1 : 0;
  const values = drawn(name, shape).map((value) => 0.5 * value + offset);
  inputs[`${kind === "weight" ? "weights" : "statistics"}/${name}`] = tf.tensor(values, [...shape]);
}

/** Each tensor's product with a drawn direction: one number that every element has a share in. */
function projected(tensors: tf.NamedTensorMap): Record<string, number> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const direction = drawn(`direction/${name}`, tensor.shape);
      return [name, tensor.dataSync<"float32">().reduce((sum, value, at) => sum + value * direction[at]!, 0)];
    }),
  );
}

function assertSameNumbers(actual: Record<string, number>, expected: Record<string, number>): void {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) assertClose([actual[name]!], [value], TOLERANCE, name);
}

Deno.test("loss, gradients and moving statistics are PyTorch's, with alpha and beta of their own", () => {
  const { crossEntropy, gradients, statistics } = lossAndGradients(net, inputs);
  assertClose(crossEntropy.dataSync(), [reference.crossEntropy], TOLERANCE, "cross-entropy");
  assertSameNumbers(projected(gradients), reference.gradients);
  assertSameNumbers(projected(statistics), reference.statistics);
});

Deno.test("inference is PyTorch's with every factor 1/2 and the moving statistics", () => {
  const { logits, probabilities } = inference(net)(inputs);
  assertClose(logits!.dataSync(), reference.inferenceLogits, TOLERANCE);
  assertClose(tf.sum(probabilities!, 1).dataSync(), new Float32Array(BATCH).fill(1), 1e-6);
  assertClose(
    probabilities!.dataSync(),
    tf.softmax(tf.tensor2d(reference.inferenceLogits, [BATCH, 3])).dataSync(),
    TOLERANCE,
  );
});
