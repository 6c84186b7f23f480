/** Parts of recipes together, against PyTorch's numbers, which recipe_reference.py wrote in float64. */
import * as tf from "@tensorflow/tfjs";
import { averagingAt, type AveragingOptions } from "../../model/averaging.ts";
import { clipped, globalNorm } from "../../model/gradient_clipping.ts";
import type { Variable } from "../../model/layers.ts";
import { smoothed, softCrossEntropy } from "../../model/loss.ts";
import { nesterovOfAll } from "../../model/optimizer.ts";
import { averageOf, initialAverage, withAverage } from "../../model/weight_average.ts";
import { treatments } from "../../model/weight_treatment.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { randomArray } from "../support/random_tensors.ts";
import reference from "./recipe_reference.json" with { type: "json" };

await useCpu();
const BATCH = 5, FEATURES = 4, CLASSES = 3, TOLERANCE = 2e-5;
const shapes = { gamma: [FEATURES], kernel: [FEATURES, CLASSES], bias: [CLASSES] };
const names = Object.keys(shapes) as (keyof typeof shapes)[];
const variables = names.map((name): Variable => ({
  name: `dense/${name}`,
  kind: "weight",
  shape: shapes[name],
  initial: { type: "constant", value: 0 },
}));
const treatmentOf = variables.map(treatments({ decayed: "kernels" }));
const drawn = (seed: number, shape: number[]) => tf.tensor(randomArray(shape, seed), shape);

interface Trained {
  readonly weights: tf.Tensor[];
  readonly momenta: tf.Tensor[];
}

/** One step, and what it saw. */
function step(at: number, { weights, momenta }: Trained) {
  const images = tf.mul(drawn(10 + at, [BATCH, FEATURES]), 3);
  const targets = smoothed(tf.softmax(tf.mul(drawn(20 + at, [BATCH, CLASSES]), 2)) as tf.Tensor2D, 0.1);
  const loss = (gamma: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => {
    const logits = tf.add(tf.matMul(tf.mul(images, gamma) as tf.Tensor2D, kernel as tf.Tensor2D), bias);
    return softCrossEntropy(logits as tf.Tensor2D, targets);
  };
  const { value, grads } = tf.valueAndGrads(loss as (...args: tf.Tensor[]) => tf.Scalar)(weights);
  const short = clipped(Object.fromEntries(names.map((name, at) => [name, grads[at]!])), 0.5);
  const gradients = names.map((name) => short[name]!);
  const options = { momentum: 0.9, weightDecay: 0.1 };
  const after = nesterovOfAll(weights, momenta, gradients, tf.scalar(0.3), options, (at) => treatmentOf[at]!);
  return {
    loss: value,
    norm: globalNorm(grads),
    weights: after.map(({ weight }) => weight),
    momenta: after.map(({ momentum }) => momentum),
  };
}

const named = (weights: readonly tf.Tensor[]) =>
  Object.fromEntries(names.map((name, at) => [`weights/${name}`, weights[at]!]));

function assertWeights(actual: tf.NamedTensorMap, expected: Record<string, number[]>): void {
  for (const name of names) assertClose(actual[`weights/${name}`]!.dataSync(), expected[name]!, TOLERANCE, name);
}

const initial = names.map((name, at) => drawn(1 + at, shapes[name]));

/** The run's average of a kind. */
function averagedRun(averagingOf: (step: number) => number): tf.NamedTensorMap {
  let trained: Trained = { weights: initial, momenta: initial.map((weight) => tf.zerosLike(weight)) };
  let average: tf.NamedTensorMap = initialAverage(named(initial));
  reference.steps.forEach((expected, at) => {
    const { loss, norm, ...after } = step(at, trained);
    assertClose([loss.dataSync()[0]!, norm.dataSync()[0]!], [expected.loss, expected.norm], TOLERANCE, "loss, norm");
    assertWeights(named(after.weights), expected.weights);
    trained = after;
    average = withAverage({ ...average, averageKeep: tf.scalar(averagingOf(at)) }, named(after.weights));
  });
  return averageOf(average);
}

Deno.test("soft targets, smoothing, clipping, decay of kernels alone and the exponential average are PyTorch's", () => {
  // PyTorch's average begins as a copy of the weights after the first step.
  assertWeights(averagedRun((step) => step === 0 ? 0 : 0.9), reference.ema);
});

Deno.test("the equal average of every second step's weights is PyTorch's", () => {
  const options: AveragingOptions = {
    averaging: "swa",
    steps: reference.steps.length,
    averageDecay: 0,
    averageWarmup: false,
    averageFrom: 0,
    averageEvery: 2,
  };
  assertWeights(averagedRun((step) => averagingAt(step, options).keep), reference.swa);
});
