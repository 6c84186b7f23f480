/**
 * A short computation whose time and result tell devices apart.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { disposeAll, type Engine, uploadAll } from "./engine.ts";

export interface Trial {
  /** Time of the fastest run. */
  readonly seconds: number;
  /** A number for every image. */
  readonly result: readonly number[];
}

const IMAGES = [64, 32, 32, 16];
const FILTER = [3, 3, 16, 16];
const LAYERS = 4;
const RUNS = 3;

/** Times four convolutions of the size of the network's first stage, 1.2 GFLOP. */
export async function convolutionTrial(engine: Engine): Promise<Trial> {
  const layers = ({ images, filter }: tf.NamedTensorMap) => {
    let x = images as tf.Tensor4D;
    for (let layer = 0; layer < LAYERS; layer++) x = tf.relu(tf.conv2d(x, filter as tf.Tensor4D, 1, "same"));
    return { means: tf.mean(x, [1, 2, 3]) };
  };
  await using program = await engine.compile(layers, { images: { shape: IMAGES }, filter: { shape: FILTER } });
  const inputs = uploadAll(engine, { images: wave(IMAGES, 1), filter: wave(FILTER, 0.2) });
  let seconds = Infinity, result: number[] = [];
  // The first run, which prepares the kernels, is not timed.
  for (let run = 0; run <= RUNS; run++) {
    const began = performance.now();
    const outputs = await program.run(inputs);
    result = Array.from((await outputs["means"]!.read()).data);
    if (run > 0) seconds = Math.min(seconds, (performance.now() - began) / 1000);
    disposeAll(outputs);
  }
  disposeAll(inputs);
  return { seconds, result };
}

/** Returns numbers that go up and down. */
const wave = (shape: readonly number[], height: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => height * Math.sin(at * at)),
});
