/**
 * The random numbers of layers that drop or add noise while they train. A traced graph has none of its own: they are inputs,
 * drawn anew for every step from a seed.
 *
 * A layer with a seed of its own draws the same numbers in every step, in TensorFlow.js as here: they are constants.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { laterInput } from "../trace/trace_backend.ts";
import { TraceError } from "../graph/trace_error.ts";
import { cellsOf, type Layer, layersOf, type PlacedLayer } from "../layers/layer_tree.ts";
import { type Substitute, withSubstitutes } from "../layers/substitute.ts";

/** Inputs of the graph that hold random numbers start with their distribution. */
export const UNIFORM = "random/uniform/", NORMAL = "random/normal/";

/** True for the name of an input that holds random numbers. */
export const isRandom = (name: string): boolean => name.startsWith(UNIFORM) || name.startsWith(NORMAL);

type Call = (x: tf.Tensor) => tf.Tensor;
type Draw = (distribution: string, shape: readonly number[]) => tf.Tensor;

/** Layers with the parts that TensorFlow.js's types hide. */
interface RandomLayer {
  readonly rate: number;
  readonly stddev: number;
  readonly seed?: number;
  readonly noiseShape?: readonly number[];
  getNoiseShape(x: tf.Tensor): readonly number[] | undefined;
}

/** Keeps a number with probability 1 - rate, and scales it so that the mean stays. */
function dropped(x: tf.Tensor, rate: number, uniform: tf.Tensor): tf.Tensor {
  const kept = 1 - rate;
  return tf.mul(x, tf.div(tf.floor(tf.add(uniform, kept)), kept));
}

/** The least value of SELU, to which AlphaDropout sets the numbers that it drops. */
const SELU_MINIMUM = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946;

/** TensorFlow.js sets dropped numbers to the negative of this minimum; the paper, as here, to the minimum. */
function alphaDropped(x: tf.Tensor, rate: number, uniform: tf.Tensor): tf.Tensor {
  const kept = tf.cast(tf.greaterEqual(uniform, rate), "float32");
  const a = ((1 - rate) * (1 + rate * SELU_MINIMUM ** 2)) ** -0.5, b = -a * SELU_MINIMUM * rate;
  const mixed = tf.add(tf.mul(x, kept), tf.mul(tf.add(kept, -1), -SELU_MINIMUM));
  return tf.add(tf.mul(mixed, a), b);
}

/** The computation of each layer while it trains, with its random numbers drawn by `draw`. */
const calls: Readonly<Record<string, (layer: RandomLayer, draw: Draw) => Call | undefined>> = {
  Dropout: dropout,
  SpatialDropout1D: dropout,
  GaussianNoise: ({ stddev }, draw) => (x) => tf.add(tf.mul(draw(NORMAL, x.shape), stddev), x),
  GaussianDropout: ({ rate }, draw) => (x) =>
    tf.mul(x, tf.add(tf.mul(draw(NORMAL, x.shape), Math.sqrt(rate / (1 - rate))), 1)),
  AlphaDropout: ({ rate, noiseShape }, draw) => (x) => alphaDropped(x, rate, draw(UNIFORM, noiseShape ?? x.shape)),
};

function dropout(layer: RandomLayer, draw: Draw): Call | undefined {
  if (layer.seed !== undefined && layer.seed !== null) return undefined;
  return (x) => dropped(x, layer.rate, draw(UNIFORM, layer.getNoiseShape(x) ?? x.shape));
}

/**
 * Runs a part of a traced function in which random layers of the model read inputs of the graph.
 *
 * @throws {TraceError} if another layer, or a loss, draws random numbers
 */
export function withRandomInputs<T>(model: tf.LayersModel, run: () => T): T {
  const counts = new Map<string, number>();
  const drawAt = (path: string): Draw => (distribution, shape) => {
    const count = counts.get(path) ?? 0;
    counts.set(path, count + 1);
    return laterInput(`${distribution}${path}${count ? `_${count}` : ""}`, { shape: [...shape], dtype: "float32" });
  };
  const layers = layersOf(model);
  const refuse = () => {
    throw new TraceError(
      "a layer or loss draws random numbers while it is traced, which would be the same in every step; " +
        `use the layers ${Object.keys(calls).join(", ")}`,
    );
  };
  return withSubstitutes([
    ...layers.flatMap((placed) => substitutes(placed, drawAt(placed.path))),
    // TensorFlow.js seeds its generators with it.
    { object: Math, key: "random", value: refuse },
  ], run);
}

function substitutes({ layer }: PlacedLayer, draw: Draw): Substitute[] {
  const random = layer as unknown as RandomLayer;
  const call = isActive(random) ? calls[layer.getClassName()]?.(random, draw) : undefined;
  const value: Layer["call"] = (x) => tf.tidy(() => call!([x].flat()[0]!));
  const dropoutFunc = (ones: tf.Tensor, rate: number) => dropped(ones, rate, draw(UNIFORM, ones.shape));
  return [
    ...call ? [{ object: layer, key: "call", value }] : [],
    ...cellsOf(layer).map((cell) => ({ object: cell, key: "dropoutFunc", value: dropoutFunc })),
  ];
}

/** A layer with a rate of 0 or 1 is the identity in TensorFlow.js. */
const isActive = ({ rate }: RandomLayer) => rate === undefined || (rate > 0 && rate < 1);
