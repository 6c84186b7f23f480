/** Every option of a recipe reaches the step: loss and state after one step, against formulas in double precision. */
import assert from "#assert";
import * as tf from "@tensorflow/tfjs";
import { type Batch, trainingBatches } from "../../../data/batches.ts";
import { parseAugmentations } from "../../../data/augmentation_list.ts";
import { stepsAtSide, withSide } from "../../../data/picture_sizes.ts";
import { stream } from "../../../data/random.ts";
import type { HostTensor } from "../../../engine/engine.ts";
import { drawFactors, parseShakeMode } from "../../../model/shake_factors.ts";
import type { ShakeNetwork } from "../../../model/architectures.ts";
import type { Configuration, Given } from "../../../pipeline/configuration/fields.ts";
import { readCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { batchOptionsOf } from "../../../pipeline/training/batch_options.ts";
import { firstState } from "../../../pipeline/training/starting_point.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { metricsOf } from "../../support/run_files.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

type State = Readonly<Record<string, HostTensor>>;

interface FirstStep {
  readonly configuration: Configuration;
  readonly net: ShakeNetwork;
  readonly batch: Batch;
  readonly before: State;
  readonly after: State;
  readonly loss: number;
}

const WEIGHT_DECAY = 1e-2;

/** The first step of a run. */
async function firstStep(fields: Given): Promise<FirstStep> {
  let result: FirstStep | undefined;
  await inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { weightDecay: WEIGHT_DECAY, maxSteps: 1, ...fields });
    const dataset = await loadDataset(configuration), net = networkOf(configuration, dataset);
    await trainStage(configuration, testContext());
    const { state: after } = await readCheckpoint(runPaths(configuration).last, net, "");
    const before = await firstState(configuration, net, dataset);
    const batch = trainingBatches(dataset, batchOptionsOf(configuration))(0);
    const [{ loss }] = await metricsOf(configuration) as [{ loss: number }];
    result = { configuration, net, batch, before, after, loss };
  });
  return result!;
}

const numbers = (state: State, name: string) => [...state[name]!.data];
const weightsOf = (state: State) => Object.keys(state).filter((name) => name.startsWith("weights/"));

/** The network's logits on the batch, by TensorFlow.js's own kernels. */
async function logitsOf({ configuration, net, batch: { count, images }, before }: FirstStep, strength: number) {
  await useCpu();
  const { seed, branches, shake } = configuration;
  const shape = { blocks: net.blocks.length, branches, batch: count };
  const drawn = drawFactors(
    parseShakeMode(shake),
    "normalized",
    shape,
    (image) => stream(seed, "shake", 0, image).uniform,
  );
  const factor = (values: Float32Array) =>
    tf.tensor3d(values.map((value) => 0.5 + strength * (value - 0.5)), [shape.blocks, branches, count]);
  const side = Math.sqrt(images.length / count / 3);
  return await net.logits(tf.tensor4d(images, [count, side, side, 3]), {
    training: true,
    values: { ...ofKind("weights/", before), ...ofKind("statistics/", before) },
    statistics: {},
    factors: { alpha: factor(drawn.alpha), beta: factor(drawn.beta) },
  }).array();
}

/** The tensors of one kind of state, by variable. */
const ofKind = (prefix: string, state: State): tf.NamedTensorMap =>
  Object.fromEntries(
    Object.entries(state).filter(([name]) => name.startsWith(prefix)).map(([name, { shape, data }]) => [
      name.slice(prefix.length),
      tf.tensor(data, [...shape]),
    ]),
  );

/** Cross-entropy with smoothed targets, and the decay of the weights that decay. */
async function expectedLoss(step: FirstStep, strength = 1): Promise<number> {
  const { configuration: { labelSmoothing, decayed }, batch: { count, labels, targets }, before, net } = step;
  const logits = await logitsOf(step, strength);
  let loss = 0;
  logits.forEach((row, at) => {
    const log = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    row.forEach((logit, index) => {
      const target = targets ? targets[at * net.classes + index]! : Number(labels[at] === index);
      loss -= ((1 - labelSmoothing) * target + labelSmoothing / net.classes) * (logit - log) / count;
    });
  });
  const decaying = weightsOf(before).filter((name) => decayed === "all" || name.endsWith("kernel"));
  const squares = decaying.flatMap((name) => numbers(before, name)).reduce((sum, weight) => sum + weight ** 2, 0);
  return loss + WEIGHT_DECAY * squares / 2;
}

const ofLoss: readonly (readonly [fields: Given, strength?: number])[] = [
  [{}],
  [{ labelSmoothing: 0.2, decayed: "kernels" }],
  [{ mixing: "mixup", labelSmoothing: 0.1 }],
  [{ shakeStrength: "0:0.25", whitening: "trained" }, 0.25],
];

for (const [fields, strength] of ofLoss) {
  Deno.test(`the loss of the first step is the formula's: ${JSON.stringify(fields)}`, async () => {
    const step = await firstStep(fields);
    assertClose([step.loss], [await expectedLoss(step, strength)], 1e-5);
  });
}

Deno.test("in an epoch of a smaller size the step takes the data set's images at that size", () =>
  inTemporaryFolder(async (folder) => {
    const step = await firstStep({ sizes: "16:1", augment: "pad-crop:4" });
    assertClose([step.loss], [await expectedLoss(step)], 1e-5);
    const dataset = await loadDataset(await tinyRun(folder, {}));
    const [crop] = stepsAtSide(parseAugmentations("pad-crop:4"), 16, 32);
    const options = { ...batchOptionsOf(step.configuration), sizes: "none", augment: `pad-crop:${crop!.amount}` };
    const expected = trainingBatches(withSide(dataset, 16), options)(0);
    assert.deepEqual([crop!.amount, step.batch.images.length], [2, 10 * 16 * 16 * 3]);
    assert.deepEqual(step.batch.images, expected.images);
  }));

Deno.test("--clip-norm scales all gradients of the cross-entropy to that norm", async () => {
  const { after } = await firstStep({ clipNorm: 1e-3, weightDecay: 0 });
  const squares = weightsOf(after).flatMap((name) => numbers(after, name.replace("weights", "momentum")))
    .reduce((sum, value) => sum + value ** 2, 0);
  assertClose([Math.sqrt(squares) / 1e-3], [1], 1e-4);
});

/** How a weight of two runs that differ in one option moved in the first step. */
async function moves(name: string, fields: Given): Promise<{ readonly plain: number[]; readonly own: number[] }> {
  const [plain, own] = await Promise.all([{}, fields].map((options) => firstStep({ weightDecay: 0, ...options })));
  const moved = ({ before, after }: FirstStep) =>
    numbers(after, name).map((value, at) => value - before[name]!.data[at]!);
  return { plain: moved(plain!), own: moved(own!) };
}

Deno.test("--offset-rate multiplies the rate of biases and offsets alone", async () => {
  const { plain, own } = await moves("weights/dense/bias", { offsetRate: 8 });
  assertClose(own, plain.map((value) => 8 * value), 1e-5);
  const kernel = await moves("weights/dense/kernel", { offsetRate: 8 });
  assertClose(kernel.own, kernel.plain, 1e-7);
});

Deno.test("--batch-norm-momentum is the share of the statistics that stays", async () => {
  const { plain, own } = await moves("statistics/stem/bn/movingMean", { batchNormMomentum: 0.6 });
  assertClose(own, plain.map((value) => 4 * value), 1e-5);
});

Deno.test("--whitening frozen keeps the first convolution, trained moves it", async () => {
  const moved = async (whitening: string) => {
    const { before, after } = await firstStep({ whitening });
    return `${numbers(before, "weights/stem/conv/kernel")}` !== `${numbers(after, "weights/stem/conv/kernel")}`;
  };
  assert.deepEqual([await moved("frozen"), await moved("trained")], [false, true]);
});

Deno.test("--averaging ema: after a step the average keeps its share, with the warm-up 1 / 10", async () => {
  for (const [averageWarmup, keep] of [[true, 0.1], [false, 0.75]] as const) {
    const { before, after } = await firstStep({ averaging: "ema", averageDecay: 0.75, averageWarmup });
    const name = "weights/dense/kernel", then = numbers(before, name), now = numbers(after, name);
    assertClose(numbers(after, `average/${name}`), now.map((value, at) => keep * then[at]! + (1 - keep) * value), 1e-6);
  }
});
