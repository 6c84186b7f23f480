/**
 * Prints the images per second of the median run of a small network, and of its training step: by onnxruntime, as `trace` and
 * `compileTraining` compile them, or by one of TensorFlow.js's backends. Images of 32x32x3, convolutions of 16, 32 and 64
 * filters, stochastic gradient descent.
 *
 *     deno run ... bench/tracer.ts [--backend onnxruntime|cpu|wasm] [--batch 32] [--threads N] [--steps 5]
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import * as tf from "@tensorflow/tfjs";
import { compileTraining, trace } from "@shakenet/tfjs-onnx";
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

const crossEntropy = (labels: tf.Tensor, logits: tf.Tensor): tf.Tensor =>
  tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1));

const elements = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(at * at) / Math.sqrt(shape.at(-1)!));
const inputs = { images: [batch, 32, 32, 3], ...shapes };

/** The loss and the weights of a training step, on TensorFlow.js's side. */
function learner() {
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, tf.variable(tf.tensor(elements(shape), shape))]),
  );
  const [images, labels] = [[batch, 32, 32, 3], [batch, 10]].map((shape) => tf.tensor(elements(shape), shape));
  return { weights, images: images!, labels: labels!, optimizer: tf.train.sgd(RATE) };
}

/** Runs a network or a training step once. */
type Run = () => Promise<void>;

interface Engine {
  readonly infer: () => Promise<Run>;
  readonly train?: () => Promise<Run>;
}

const compiled: Engine = {
  async infer() {
    const specs = Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, { shape }]));
    const session = await ort.InferenceSession.create(trace(infer, specs), { intraOpNumThreads: threads });
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, new ort.Tensor(elements(shape), shape)]),
    );
    return async () => {
      await session.run(feeds);
    };
  },
  async train() {
    const { weights, images: xs, labels: ys, optimizer } = learner();
    const training = await compileTraining(({ images }) => ({ logits: logits(images!, weights) }), {
      inputs: { images: { shape: [null, 32, 32, 3] } },
      variables: Object.values(weights),
      loss: crossEntropy,
      optimizer,
      runtime: ort,
      session: { intraOpNumThreads: threads },
    });
    return async () => {
      await training.step({ xs, ys });
    };
  },
};

/** The same on the backend of TensorFlow.js; only some backends have the kernel of a filter's gradient. */
const eager: Engine = {
  infer() {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, tf.tensor(elements(shape), shape)]),
    );
    return Promise.resolve(async () => {
      const { probabilities } = tf.tidy(() => infer(tensors));
      await probabilities!.data();
      probabilities!.dispose();
    });
  },
  ...tf.getKernel("Conv2DBackpropFilter", backend) === undefined ? {} : {
    train() {
      const { weights, images, labels, optimizer } = learner();
      return Promise.resolve(async () => {
        const loss = () => tf.mean(crossEntropy(labels, logits(images, weights))) as tf.Scalar;
        await optimizer.minimize(loss, true)!.data();
      });
    },
  },
};

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

if (backend !== "onnxruntime") {
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js has no backend ${backend}`);
}
const { infer: prepareInference, train: prepareTraining } = backend === "onnxruntime" ? compiled : eager;
await time("infer", await prepareInference());
if (prepareTraining) await time("train", await prepareTraining());
