/**
 * Prints the processor time of a run of three 3x3 convolutions, each with relu and maximum pooling, batch 32, on one thread:
 * with fast and with exact special values, and with NaN replaced in front of each pooling.
 *
 *     deno run --allow-read --allow-ffi --allow-env --allow-sys bench/special_values.ts
 *
 * @module
 */
import process from "node:process";
import * as tf from "@tensorflow/tfjs";
import { type ModelOptions, trace } from "@shakenet/tfjs-onnx";
import * as ort from "onnxruntime-node";
import { median } from "../engine/median.ts";

const ROUNDS = 9, RUNS = 4;
const IMAGES = [32, 32, 32, 3] as const, FIRST = [3, 3, 3, 16] as const;
const elements = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => Math.sin(at * at) / 10);

await tf.setBackend("cpu");
const others = [[3, 3, 16, 32], [3, 3, 32, 64]].map((shape) =>
  tf.tensor<tf.Rank.R4>(elements(shape), shape as tf.ShapeMap["R4"])
);

type Prepare = (image: tf.Tensor4D) => tf.Tensor4D;
const asIs: Prepare = (image) => image;
const withoutNaN: Prepare = (image) => tf.where(tf.isNaN(image), tf.fill(image.shape, -Infinity), image);

const features = (images: tf.Tensor4D, first: tf.Tensor4D, prepare: Prepare) =>
  [first, ...others].reduce(
    (x, filter) => tf.maxPool(prepare(tf.relu(tf.conv2d(x, filter, 1, "same"))), 2, 2, "valid"),
    images,
  );

const infer = (prepare: Prepare, options: ModelOptions = {}) => {
  const first = tf.tensor4d(elements(FIRST), [...FIRST]);
  return trace(({ images }) => ({ y: features(images, first, prepare) }), { images: { shape: IMAGES } }, options);
};

const gradient = (options: ModelOptions = {}) =>
  trace(
    ({ images, first }) => {
      const loss = (first: tf.Tensor) => tf.mean<tf.Scalar>(features(images, first as tf.Tensor4D, asIs));
      return { dy: tf.grad(loss)(first) };
    },
    { images: { shape: IMAGES }, first: { shape: FIRST } },
    options,
  );

const models = {
  "fast": infer(asIs),
  "exact": infer(asIs, { specialValues: "exact" }),
  "NaN replaced": infer(withoutNaN),
  "gradient, fast": gradient(),
  "gradient, exact": gradient({ specialValues: "exact" }),
};

const feeds = Object.fromEntries(
  Object.entries({ images: IMAGES, first: FIRST }).map(([name, shape]) =>
    [name, new ort.Tensor(elements(shape), shape)] as const
  ),
);
const subjects = await Promise.all(
  Object.entries(models).map(async ([name, model]) => ({
    name,
    session: await ort.InferenceSession.create(model, { intraOpNumThreads: 1 }),
    times: [] as number[],
  })),
);
for (let round = 0; round < ROUNDS; round++) {
  for (const { session, times } of subjects) {
    const given = Object.fromEntries(session.inputNames.map((name) => [name, feeds[name]!]));
    const before = process.cpuUsage();
    for (let run = 0; run < RUNS; run++) await session.run(given);
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000 / RUNS);
  }
}
for (const { name, times } of subjects) console.log(`${name}: ${median(times).toFixed(1)} ms`);
