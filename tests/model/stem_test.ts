import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { mergedLogits } from "../../export/merge.ts";
import { buildNetwork } from "../../model/architectures.ts";
import { initialise } from "../../model/initialise.ts";
import { reductions } from "../../model/network_choices.ts";
import { stem } from "../../model/stem.ts";
import { batchNorm } from "../../model/layers.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();

const valuesOf = (variables: Parameters<typeof initialise>[0]): tf.NamedTensorMap =>
  Object.fromEntries(
    Object.entries(initialise(variables, uniformNumbers)).map(([name, { data, shape }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]),
  );

for (const reduction of reductions) {
  Deno.test(`a stem of ${reduction} divides height and width by it, rounded up`, () => {
    const layer = stem(reduction, 4, batchNorm);
    const pass = { training: false, values: valuesOf(layer.variables), statistics: {} };
    for (const side of [16, 10]) {
      const { shape } = layer.apply(randomTensor([2, side, side, 3], 1), pass);
      assert.deepEqual(shape, [2, Math.ceil(side / reduction), Math.ceil(side / reduction), 4]);
    }
  });

  for (const architecture of ["resnet", "resnext"] as const) {
    Deno.test(`the merged ${architecture} with a stem of ${reduction} computes the same logits`, () => {
      const net = buildNetwork({
        ...{ architecture, depth: architecture === "resnet" ? 8 : 11, width: 2, groups: 2, branches: 2, classes: 3 },
        ...{ skip: true, batchNorm: true, stem: reduction },
      });
      const values = valuesOf(net.variables);
      // Sides that halve to odd numbers too.
      for (const side of [16, 20]) {
        const images = randomTensor<tf.Rank.R4>([2, side, side, 3], 2);
        const logits = net.logits(images, { training: false, values, statistics: {} });
        assertClose(mergedLogits(net, values, images).dataSync(), logits.dataSync(), 1e-5);
      }
    });
  }
}

Deno.test("a resnet has as many stem filters as it is told, and its title says so", () => {
  const size = {
    depth: 8,
    width: 2,
    groups: 2,
    branches: 2,
    classes: 3,
    skip: true,
    batchNorm: true,
    stem: 2,
  } as const;
  const net = buildNetwork({ ...size, architecture: "resnet", stemFilters: 6 });
  const shapeOf = (name: string) => net.variables.find((variable) => variable.name === name)!.shape;
  assert.deepEqual(shapeOf("stem/conv/kernel"), [3, 3, 3, 6]);
  assert.deepEqual(shapeOf("stage1/block1/branch1/conv1/kernel"), [3, 3, 6, 2]);
  assert.equal(net.title, "ShakeNet-8 2x2d, stem 2, 6 stem filters");
  const values = valuesOf(net.variables), images = randomTensor<tf.Rank.R4>([2, 12, 12, 3], 4);
  const logits = net.logits(images, { training: false, values, statistics: {} });
  assertClose(mergedLogits(net, values, images).dataSync(), logits.dataSync(), 1e-5);
});

Deno.test("the second convolution of a stem sees the first one's result after batch norm and ReLU", () => {
  const layer = stem(4, 2, batchNorm);
  const values = valuesOf(layer.variables), x = randomTensor<tf.Rank.R4>([1, 8, 8, 3], 3);
  // New batch norm divides by sqrt(1 + epsilon) alone.
  const scale = 1 / Math.sqrt(1 + 1e-5);
  const first = tf.relu(tf.mul(tf.conv2d(x, values["stem/conv/kernel"] as tf.Tensor4D, 2, "same"), scale));
  const second = tf.conv2d(first as tf.Tensor4D, values["stem/conv2/kernel"] as tf.Tensor4D, 2, "same");
  const result = layer.apply(x, { training: false, values, statistics: {} });
  assertClose(result.dataSync(), tf.mul(second, scale).dataSync(), 1e-6);
});
