/**
 * Prints the peak memory and the processor time of the training of a CNN of `tf.layers`: seven convolutions with batch norms
 * in three sizes of images, and skip connections.
 *
 *     deno run -A bench/layers_memory.ts [--saves-memory yes|no] [--batch 64] [--filters 32] [--steps 3]
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "#parse-args";
import * as tf from "@tensorflow/tfjs";
import { compileTraining } from "@shakenet/tfjs-onnx";
import * as ort from "onnxruntime-node";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    "saves-memory": { type: "string", default: "yes" },
    batch: { type: "string", default: "64" },
    filters: { type: "string", default: "32" },
    steps: { type: "string", default: "3" },
  },
});
const [batch, filters, steps] = [values.batch, values.filters, values.steps].map(Number) as [number, number, number];
const { layers } = tf;

const convolve = (x: tf.SymbolicTensor, filters: number, strides = 1): tf.SymbolicTensor => {
  const convolution = layers.conv2d({ filters, strides, kernelSize: 3, padding: "same", useBias: false });
  return layers.batchNormalization().apply(convolution.apply(x)) as tf.SymbolicTensor;
};
const activate = (x: tf.SymbolicTensor) => layers.reLU().apply(x) as tf.SymbolicTensor;
const block = (x: tf.SymbolicTensor, filters: number) => {
  const branch = convolve(activate(convolve(x, filters)), filters);
  return activate(layers.add().apply([branch, x]) as tf.SymbolicTensor);
};

const input = tf.input({ shape: [32, 32, 3] });
let x = block(activate(convolve(input, filters)), filters);
x = block(activate(convolve(x, 2 * filters, 2)), 2 * filters);
x = activate(convolve(x, 4 * filters, 2));
const outputs = layers.dense({ units: 10 }).apply(layers.globalAveragePooling2d({}).apply(x)) as tf.SymbolicTensor;

await using training = await compileTraining(tf.model({ inputs: input, outputs }), {
  loss: "meanSquaredError",
  optimizer: tf.train.momentum(0.01, 0.9),
  runtime: ort,
  savesMemory: values["saves-memory"] !== "no",
  session: { intraOpNumThreads: 1 },
});
const data = { xs: tf.randomNormal([batch, 32, 32, 3], 0, 1, "float32", 1), ys: tf.zeros([batch, 10]) };
await training.step(data);
const before = process.cpuUsage();
let loss: number | undefined;
for (let step = 0; step < steps; step++) loss = (await training.step(data))["loss"];
const { user, system } = process.cpuUsage(before);
console.log(`peak ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
console.log(`step ${((user + system) / steps / 1000).toFixed(0)} ms of processor time`);
console.log(`loss ${loss}`);
