/**
 * Prints the images per second of the median run of a small network of `tf.layers`, and of its training step: by onnxruntime,
 * as `traceModel` and `compileTraining` compile them, or by one of TensorFlow.js's backends. The images are 32x32x3, the
 * convolutions have 16, 32 and 64 filters, and the optimizer is stochastic gradient descent.
 *
 *     deno run ... bench/tracer.ts [--backend onnxruntime|cpu|wasm] [--batch 32] [--threads N] [--steps 5]
 *
 * Lines that start with `note` tell the reason for a missing figure, or another way of measuring.
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import * as tf from "@tensorflow/tfjs";
import { compileTraining, traceModel } from "@shakenet/tfjs-onnx";
import * as ort from "onnxruntime-node";
import { medianSeconds } from "./median_seconds.ts";

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

/** Filters, each with its stride. */
const convolutions = [[16, 1], [32, 2], [64, 2]] as const;
const CLASSES = 10, RATE = 0.05;

/** A CNN of layers: its logits, and its probabilities. */
function network(): { logits: tf.LayersModel; probabilities: tf.LayersModel } {
  const input = tf.input({ shape: [32, 32, 3], name: "images" });
  let x = input as tf.SymbolicTensor;
  for (const [filters, strides] of convolutions) {
    const options = { filters, strides, kernelSize: 3, padding: "same", activation: "relu", useBias: false } as const;
    x = tf.layers.conv2d(options).apply(x) as tf.SymbolicTensor;
  }
  const mean = tf.layers.globalAveragePooling2d({}).apply(x);
  const logits = tf.layers.dense({ units: CLASSES, useBias: false }).apply(mean) as tf.SymbolicTensor;
  const probabilities = tf.layers.softmax({ name: "probabilities" }).apply(logits) as tf.SymbolicTensor;
  return {
    logits: tf.model({ inputs: input, outputs: logits }),
    probabilities: tf.model({ inputs: input, outputs: probabilities }),
  };
}

const crossEntropy = (labels: tf.Tensor, logits: tf.Tensor): tf.Tensor =>
  tf.neg(tf.sum(tf.mul(labels, tf.logSoftmax(logits)), 1));

const elements = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(at * at) / Math.sqrt(shape.at(-1)!));
const IMAGES = [batch, 32, 32, 3];

/** Images and labels. */
const examples = (count = batch) => {
  const [xs, ys] = [[count, 32, 32, 3], [count, CLASSES]].map((shape) => tf.tensor(elements(shape), shape));
  return { xs: xs!, ys: ys! };
};

/** Runs a network or a training step once. */
type Run = () => Promise<void>;

interface Engine {
  readonly infer: () => Promise<Run>;
  readonly train?: () => Promise<Run>;
  /** Images of a training step. */
  readonly trained: number;
}

const compiled: Engine = {
  trained: batch,
  async infer() {
    const model = traceModel(network().probabilities);
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads });
    const images = new ort.Tensor(elements(IMAGES), IMAGES);
    return async () => {
      await session.run({ images });
    };
  },
  async train() {
    const training = await compileTraining(network().logits, {
      loss: crossEntropy,
      optimizer: tf.train.sgd(RATE),
      runtime: ort,
      session: { intraOpNumThreads: threads },
    });
    const data = examples();
    return async () => {
      await training.step(data);
    };
  },
};

/** A step of TensorFlow.js's CPU backend takes 10 s for each image, whatever the batch: one image is enough to time it. */
const trained = backend === "cpu" ? 1 : batch;

/** The kernel of a filter's gradient, which only some backends have. */
const GRADIENT = "Conv2DBackpropFilter";

/** The same on a backend of TensorFlow.js. */
const eager = (): Engine => ({
  trained,
  infer() {
    const { probabilities } = network(), { xs } = examples();
    return Promise.resolve(async () => {
      const result = probabilities.predict(xs) as tf.Tensor;
      await result.data();
      result.dispose();
    });
  },
  ...tf.getKernel(GRADIENT, backend) === undefined ? {} : {
    train() {
      const { logits } = network(), { xs, ys } = examples(trained);
      logits.compile({ loss: crossEntropy, optimizer: tf.train.sgd(RATE) });
      return Promise.resolve(async () => {
        await logits.trainOnBatch(xs, ys);
      });
    },
  },
});

const print = async (name: string, run: Run, images: number) =>
  console.log(`${name} ${(images / await medianSeconds(run, steps)).toFixed(2)} images/s`);

if (backend !== "onnxruntime") {
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (!await tf.setBackend(backend)) throw new Error(`TensorFlow.js has no backend ${backend}`);
}
const engine = backend === "onnxruntime" ? compiled : eager();
await print("infer", await engine.infer(), batch);
if (engine.train) await print("train", await engine.train(), engine.trained);
else console.log(`note TensorFlow.js's backend ${backend} cannot train: it has no kernel ${GRADIENT}`);
if (engine.trained !== batch) {
  console.log(
    `note TensorFlow.js's backend ${backend} trains on ${engine.trained} image a step, since it takes 10 s for each`,
  );
}
