/**
 * Prints the images per second of the median run of a small network, and of its training step: traced, in onnxruntime, or
 * by one of TensorFlow.js's backends. Images of 32x32x3, convolutions of 16, 32 and 64 filters, stochastic gradient descent.
 *
 *     deno run ... bench/tracer.ts [--backend onnxruntime|cpu|wasm] [--batch 32] [--threads N] [--steps 5]
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import * as tf from "@tensorflow/tfjs";
import { trace } from "@shakenet/tfjs-onnx";
import * as ort from "onnxruntime-node";
import { median } from "../engine/median.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    backend: { type: "string", default: "onnxruntime" },
    batch: { type: "string", default: "32" },
    threads: { type: "string", default: String(navigator.hardwareConcurrency) },
    steps: { type: "string", default: "5" },
  },
});
const { backend } = values;
const [batch, threads, steps] = [values.batch, values.threads, values.steps].map(Number) as [number, number, number];

/** Filters, each with its stride, and the matrix of the classes. */
const shapes = { first: [3, 3, 3, 16], second: [3, 3, 16, 32], third: [3, 3, 32, 64], classes: [64, 10] };
const strides = { first: 1, second: 2, third: 2 };
const RATE = 0.05;

/** The logits of images. */
function logits(images: tf.Tensor, weights: tf.NamedTensorMap): tf.Tensor2D {
  let x = images as tf.Tensor4D;
  for (const [name, stride] of Object.entries(strides)) {
    x = tf.relu(tf.conv2d(x, weights[name] as tf.Tensor4D, stride, "same"));
  }
  return tf.matMul(tf.mean<tf.Tensor2D>(x, [1, 2]), weights["classes"] as tf.Tensor2D);
}

const infer = ({ images, ...weights }: tf.NamedTensorMap): tf.NamedTensorMap => ({
  probabilities: tf.softmax(logits(images!, weights)),
});

function train({ images, labels, ...weights }: tf.NamedTensorMap): tf.NamedTensorMap {
  const names = Object.keys(shapes);
  const loss = (...values: tf.Tensor[]) => {
    const named = Object.fromEntries(names.map((name, at) => [name, values[at]!]));
    return tf.neg(tf.mean(tf.sum(tf.mul(labels!, tf.logSoftmax(logits(images!, named))), 1))) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => weights[name]!));
  const next = names.map((name, at) => [name, tf.sub(weights[name]!, tf.mul(grads[at]!, RATE))]);
  return { ...Object.fromEntries(next), loss: value };
}

const inputs = {
  images: { shape: [batch, 32, 32, 3] },
  labels: { shape: [batch, 10] },
  ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape }])),
};
const elements = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(at * at) / Math.sqrt(shape.at(-1)!));
const data = Object.entries(inputs).map(([name, { shape }]) => [name, elements(shape), shape] as const);

/** Runs a function of all inputs; the new weights replace the old ones. */
type Run = () => Promise<void>;

/** Traces a function and runs its model in onnxruntime. */
async function traced(fn: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap): Promise<Run> {
  const session = await ort.InferenceSession.create(trace(fn, inputs), { intraOpNumThreads: threads });
  const tensors = data.map(([name, values, shape]): [string, ort.Tensor] => [name, new ort.Tensor(values, shape)]);
  const used = Object.fromEntries(tensors.filter(([name]) => session.inputNames.includes(name)));
  return async () => {
    const outputs = await session.run(used);
    for (const name of Object.keys(shapes)) used[name] = outputs[`next/${name}`] ?? used[name]!;
  };
}

/** Runs a function on the backend of TensorFlow.js. */
function eager(fn: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap): Run {
  const state = Object.fromEntries(data.map(([name, values, shape]) => [name, tf.tensor(values, [...shape])]));
  return async () => {
    const outputs = tf.tidy(() => fn(state));
    await Promise.all(Object.values(outputs).map((output) => output.data()));
    for (const [name, output] of Object.entries(outputs)) {
      if (!(name in state)) output.dispose();
      else {
        state[name]!.dispose();
        state[name] = output;
      }
    }
  };
}

/** Seconds of timing: quick runs repeat for the least, slow ones stop at the most, even before all steps. */
const LEAST = 2, MOST = 20;

async function time(name: string, run: Run): Promise<void> {
  const seconds: number[] = [];
  await run();
  const first = performance.now();
  const within = (limit: number) => performance.now() - first < limit * 1000;
  while (seconds.length === 0 || within(LEAST) || seconds.length < steps && within(MOST)) {
    const begun = performance.now();
    await run();
    seconds.push((performance.now() - begun) / 1000);
  }
  console.log(`${name} ${(batch / median(seconds)).toFixed(2)} images/s`);
}

/** TensorFlow.js has no kernel of a filter's gradient in WebAssembly. */
const canTrain = () => backend === "onnxruntime" || tf.getKernel("Conv2DBackpropFilter", backend) !== undefined;

if (backend !== "onnxruntime") {
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js has no backend ${backend}`);
}
const prepare = backend === "onnxruntime" ? traced : eager;
await time("infer", await prepare(infer));
if (canTrain()) await time("train", await prepare(train));
