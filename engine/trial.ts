/**
 * A short computation that compares devices by time and result. It is a step of training: a device that is right and fast
 * forward may be wrong or slow backward.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { disposeAll, type Engine, uploadAll } from "./engine.ts";

export interface Trial {
  /** Time of the fastest run. */
  readonly seconds: number;
  /** The loss, and the weights after the step. */
  readonly result: readonly number[];
}

const IMAGES = [64, 32, 32, 16];
/** Filters of 3 x 3 with their strides, of the sizes of a network's first two stages. */
const LAYERS = [
  { name: "first", shape: [3, 3, 16, 16], stride: 1 },
  { name: "second", shape: [3, 3, 16, 16], stride: 1 },
  { name: "third", shape: [3, 3, 16, 32], stride: 2 },
] as const;
const RATE = 1, RUNS = 3;
/** Seconds after which no run begins. */
const LIMIT = 1;

/**
 * Times a step of gradient descent of three convolutions, 2.2 GFLOP.
 *
 * @param now the clock, in milliseconds
 */
export async function stepTrial(engine: Engine, now: () => number = () => performance.now()): Promise<Trial> {
  const filters = Object.fromEntries(LAYERS.map(({ name, shape }) => [name, wave(shape, 0.2)]));
  const host = { images: wave(IMAGES, 1), ...filters };
  const specs = Object.fromEntries(Object.entries(host).map(([name, { shape }]) => [name, { shape }]));
  await using program = await engine.compile(step, specs);
  const inputs = uploadAll(engine, host);
  let seconds = Infinity, result: number[] = [];
  const first = now();
  // The first run, which prepares the kernels, is not timed.
  for (let run = 0; run <= RUNS && (run < 2 || now() - first < 1000 * LIMIT); run++) {
    const began = now();
    const outputs = await program.run(inputs);
    result = [];
    for (const name of ["loss", ...LAYERS.map(({ name }) => name)]) {
      result.push(...(await outputs[name]!.read()).data);
    }
    if (run > 0) seconds = Math.min(seconds, (now() - began) / 1000);
    disposeAll(outputs);
  }
  disposeAll(inputs);
  return { seconds, result };
}

/** The loss, and the filters after a step along its gradients. */
function step({ images, ...filters }: tf.NamedTensorMap): tf.NamedTensorMap {
  const loss = (...filters: tf.Tensor[]) =>
    tf.mean(tf.square(
      filters.reduce(
        (x, filter, at) => tf.relu(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, LAYERS[at]!.stride, "same")),
        images!,
      ),
    )) as tf.Scalar;
  const before = LAYERS.map(({ name }) => filters[name]!);
  const { value, grads } = tf.valueAndGrads(loss)(before);
  const after = before.map((filter, at) => tf.sub(filter, tf.mul(grads[at]!, RATE)));
  return { loss: value, ...Object.fromEntries(LAYERS.map(({ name }, at) => [name, after[at]!])) };
}

/** Returns numbers that go up and down. */
const wave = (shape: readonly number[], height: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => height * Math.sin(at * at)),
});
