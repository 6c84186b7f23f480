import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { compileTraining, type Training } from "../../../onnx/mod.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

const { layers } = tf;

/** Compiles a model that hands its input through a layer; the loss is the mean of a function of the result. */
function through(layer: tf.layers.Layer, of: (y: tf.Tensor) => tf.Tensor, seed = 0): Promise<Training> {
  const input = tf.input({ shape: [8, 16] });
  // A weight, without which there is no gradient; with a slope of 1 it changes nothing.
  const weight = layers.prelu({ alphaInitializer: "ones" });
  const model = tf.model({
    inputs: input,
    outputs: weight.apply(layer.apply(input) as tf.SymbolicTensor) as tf.SymbolicTensor,
  });
  const loss = (_: tf.Tensor, output: tf.Tensor) => of(output);
  return compileTraining(model, { loss, optimizer: tf.train.sgd(0), runtime: ort, seed });
}

const ones = { xs: tf.ones([64, 8, 16]), ys: tf.ones([64, 8, 16]) };

/** The mean and the mean square of a layer's results for ones. */
const moments: Readonly<
  Record<string, { readonly layer: () => tf.layers.Layer; readonly mean: number; readonly square: number }>
> = {
  "dropout keeps the mean": { layer: () => layers.dropout({ rate: 0.2 }), mean: 1, square: 1.25 },
  "dropout of whole channels": { layer: () => layers.spatialDropout1d({ rate: 0.5 }), mean: 1, square: 2 },
  "Gaussian noise adds its variance": { layer: () => layers.gaussianNoise({ stddev: 0.5 }), mean: 1, square: 1.25 },
  "Gaussian dropout multiplies by it": { layer: () => layers.gaussianDropout({ rate: 0.2 }), mean: 1, square: 1.25 },
};

for (const [name, { layer, mean, square }] of Object.entries(moments)) {
  Deno.test(name, async () => {
    for (const [of, expected] of [[(y: tf.Tensor) => y, mean], [tf.square, square]] as const) {
      await using training = await through(layer(), of);
      const { loss } = await training.step(ones);
      assert.ok(Math.abs(loss! - expected) < 0.1, `got ${loss}, want ${expected}`);
    }
  });
}

Deno.test("alpha dropout keeps mean 0 and variance 1, as its paper says", async () => {
  const xs = tf.randomNormal([64, 8, 16], 0, 1, "float32", 3), ys = xs;
  for (const [of, expected] of [[(y: tf.Tensor) => y, 0], [tf.square, 1]] as const) {
    await using training = await through(layers.alphaDropout({ rate: 0.3 }), of);
    const { loss } = await training.step({ xs, ys });
    assert.ok(Math.abs(loss! - expected) < 0.1, `got ${loss}, want ${expected}`);
  }
});

Deno.test("every step draws anew, and a seed draws the same again", async () => {
  const losses = [];
  for (const seed of [1, 1, 2]) {
    await using training = await through(layers.dropout({ rate: 0.5 }), (y) => y, seed);
    losses.push([(await training.step(ones))["loss"], (await training.step(ones))["loss"]]);
  }
  assert.notEqual(losses[0]![0], losses[0]![1]);
  assert.deepEqual(losses[0], losses[1]);
  assert.notEqual(losses[0]![0], losses[2]![0]);
});

Deno.test("measuring drops nothing", async () => {
  await using training = await through(layers.dropout({ rate: 0.5 }), (y) => y);
  assert.equal((await training.evaluate(ones))["loss"], 1);
});

Deno.test("a recurrent layer drops inputs and states, the same in every step of a sequence", async () => {
  const lstm = layers.lstm({ units: 3, dropout: 0.5, recurrentDropout: 0.5, inputShape: [4, 2] });
  const model = tf.sequential({ layers: [lstm] });
  await using training = await compileTraining(model, {
    loss: "meanSquaredError",
    optimizer: tf.train.sgd(0),
    runtime: ort,
  });
  const examples = { xs: tf.ones([2, 4, 2]), ys: tf.ones([2, 3]) };
  const [first, second] = [await training.step(examples), await training.step(examples)];
  assert.notEqual(first["loss"], second["loss"]);
});
