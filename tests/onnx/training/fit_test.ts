import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import {
  compileTraining,
  type Examples,
  type FitOptions,
  type Training,
  type TrainingData,
} from "../../../onnx/mod.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { images, smallCnn, weightsOf } from "../../support/layers_training.ts";

await useCpu();

const LOSS = { loss: "categoricalCrossentropy", metrics: ["accuracy"] };
/** Threads of a pool wait in loops, and there is little for them here. */
const ONE_THREAD = { intraOpNumThreads: 1 };
const rate = () => tf.train.momentum(0.05, 0.9);

const compiled = (model: tf.LayersModel, seed = 0): Promise<Training> =>
  compileTraining(model, { ...LOSS, optimizer: rate(), runtime: ort, session: ONE_THREAD, seed });

function eager(): tf.Sequential {
  const model = smallCnn();
  model.compile({ ...LOSS, optimizer: rate() });
  return model;
}

/** Records every call of a callback, without the numbers. */
function recorder(): { readonly calls: string[]; readonly callbacks: tf.CustomCallbackArgs } {
  const calls: string[] = [];
  const record = (name: string) => (...args: unknown[]) => {
    calls.push([name, ...args.map((x) => typeof x === "object" ? Object.keys(x!).toSorted() : x)].join(" "));
  };
  const names = ["TrainBegin", "TrainEnd", "EpochBegin", "EpochEnd", "BatchBegin", "BatchEnd"];
  return { calls, callbacks: Object.fromEntries(names.map((name) => [`on${name}`, record(name)])) };
}

function assertSameHistory(actual: tf.History, expected: tf.History): void {
  assert.deepEqual(actual.epoch, expected.epoch);
  assert.deepEqual(Object.keys(actual.history).toSorted(), Object.keys(expected.history).toSorted());
  for (const [key, values] of Object.entries(expected.history)) {
    assertClose(actual.history[key] as number[], values as number[], 1e-4, key);
  }
}

Deno.test("fit returns TensorFlow.js's history, calls its callbacks and leaves its weights: tensors, a smaller last batch", async () => {
  const { xs, ys } = images(11), [reference, model] = [eager(), smallCnn()];
  const [wanted, got] = [recorder(), recorder()];
  const options = { epochs: 3, initialEpoch: 1, batchSize: 4, shuffle: false, validationSplit: 0.2 };
  const expected = await reference.fit(xs, ys, { ...options, callbacks: wanted.callbacks });
  await using training = await compiled(model);
  assertSameHistory(await training.fit({ xs, ys }, { ...options, callbacks: got.callbacks }), expected);
  // TensorFlow.js tells the batch and its size in onBatchBegin only where the data are in batches.
  const told = (calls: readonly string[]) => calls.map((call) => call.replace(/(BatchBegin \d).*/, "$1"));
  assert.deepEqual(told(got.calls), told(wanted.calls));
  assertClose(weightsOf(model), weightsOf(reference), 1e-4, "weight");
});

Deno.test("fit takes a tf.data data set, in epochs of some batches, and validation data in batches", async () => {
  const batches = Array.from({ length: 4 }, (_, at) => images(3 + at));
  const dataset = () =>
    tf.data.generator(() => batches.map(({ xs, ys }) => ({ xs: xs.clone(), ys: ys.clone() })).values());
  const [reference, model] = [eager(), smallCnn()];
  const options = { epochs: 2, batchesPerEpoch: 2, validationBatches: 1 };
  const expected = await reference.fitDataset(dataset(), { ...options, validationData: dataset() });
  await using training = await compiled(model);
  assertSameHistory(await training.fit(dataset(), { ...options, validationData: dataset() }), expected);
});

Deno.test("fit takes batches from anything that can be iterated", async () => {
  const batches: Examples[] = [images(3), images(5)];
  async function* generate() {
    yield* batches;
  }
  const endless: TrainingData = { [Symbol.asyncIterator]: generate };
  const losses: number[][] = [];
  for (const data of [batches, endless]) {
    await using training = await compiled(smallCnn());
    const { history } = await training.fit(data, { epochs: 2 });
    losses.push(history["loss"] as number[]);
  }
  assert.deepEqual(losses[0], losses[1]);
  await using training = await compiled(smallCnn());
  await assert.rejects(
    training.fit(generate(), { epochs: 2 }),
    /^Error: the data set has no batch in epoch 1; pass one that can be iterated again, or the option batchesPerEpoch$/,
  );
});

Deno.test("a seed draws the same order of examples, another seed another one", async () => {
  const losses: number[] = [];
  for (const seed of [1, 1, 2]) {
    await using training = await compiled(smallCnn(), seed);
    const { history } = await training.fit(images(9), { batchSize: 2 });
    losses.push(history["loss"]![0] as number);
  }
  assert.equal(losses[0], losses[1]);
  assert.notEqual(losses[0], losses[2]);
});

Deno.test("TensorFlow.js's early stopping stops the training", async () => {
  await using training = await compiled(smallCnn());
  const callbacks = tf.callbacks.earlyStopping({ monitor: "loss", minDelta: 100, patience: 1 });
  const { epoch } = await training.fit(images(4), { epochs: 9, callbacks });
  assert.deepEqual(epoch, [0, 1]);
});

const stopLearning: Readonly<Record<string, (optimizer: tf.SGDOptimizer) => void>> = {
  "a callback changes the learning rate of the next step": (optimizer) => optimizer.setLearningRate(0),
  "a callback assigns the learning rate of the next step": (optimizer) => Object.assign(optimizer, { learningRate: 0 }),
};

for (const [name, stop] of Object.entries(stopLearning)) {
  Deno.test(name, async () => {
    const model = smallCnn();
    await using training = await compiled(model);
    const callbacks = { onBatchEnd: () => stop(model.optimizer as tf.SGDOptimizer) };
    await training.fit(images(3), { callbacks });
    const before = weightsOf(model);
    await training.fit(images(3), {});
    const moving = /moving/;
    const learned = model.weights.flatMap(({ originalName, shape }) =>
      Array<boolean>(tf.util.sizeFromShape(shape as number[])).fill(!moving.test(originalName))
    );
    const after = weightsOf(model);
    assert.ok(learned.every((isLearned, at) => !isLearned || before[at] === after[at]));
  });
}

const misuses: Readonly<
  Record<string, { readonly data?: () => TrainingData; readonly options?: object; readonly message: RegExp }>
> = {
  "an unknown option": {
    options: { classWeight: {} },
    message: /^Error: fit has no option classWeight; its options are epochs/,
  },
  "a batch size that is no count": {
    options: { batchSize: 0.5 },
    message: /batchSize is 0.5; it is a whole number from 1/,
  },
  "a batch size of validation that is no count": {
    options: { validationData: [images(3).xs, images(3).ys], validationBatchSize: 0 },
    message: /^Error: validationBatchSize is 0; it is a whole number from 1$/,
  },
  "a number of epochs that is no count": {
    options: { epochs: NaN },
    message: /^Error: epochs is NaN; it is a whole number from 0$/,
  },
  "a first epoch that is no count": {
    options: { initialEpoch: 0.5 },
    message: /^Error: initialEpoch is 0.5; it is a whole number from 0$/,
  },
  "a split that leaves nothing of a few examples": {
    options: { validationSplit: 0.9 },
    message: /^Error: validationSplit 0.9 leaves nothing of 3 examples to train on; lower it$/,
  },
  "validation data with weights of examples": {
    options: { validationData: [images(3).xs, images(3).ys, tf.ones([3])] },
    message: /^Error: validationData has weights of examples, which fit does not take; pass \[xs, ys\]$/,
  },
  "validation data without batches": {
    options: { validationData: [] },
    message: /^Error: the data to be measured have no batch; pass some that can be iterated again$/,
  },
  "data without examples": {
    data: () => ({ xs: tf.ones([0, 6, 6, 3]), ys: tf.ones([0, 3]) }),
    message: /^Error: the data have no examples; pass some$/,
  },
  "a batch without targets": {
    data: () => [{ xs: tf.ones([2, 6, 6, 3]) }] as unknown as TrainingData,
    message: /^Error: ys of a batch holds no tensors; pass \{ xs, ys \} of/,
  },
  "examples that are lists of numbers": {
    data: () => ({ xs: [[1, 2]], ys: [[1]] }) as unknown as TrainingData,
    message: /^Error: xs of a batch holds no tensors; pass \{ xs, ys \} of/,
  },
  "a split that leaves nothing": {
    options: { validationSplit: 1 },
    message: /validationSplit is 1; it is at least 0 and below 1/,
  },
  "a split that is no number": {
    options: { validationSplit: NaN },
    message: /validationSplit is NaN; it is at least 0 and below 1/,
  },
  "an option of batches for tensors": {
    options: { batchesPerEpoch: 1 },
    message: /option batchesPerEpoch is not for tensors; omit it/,
  },
  "an option of tensors for batches": {
    data: () => [images(3)],
    options: { batchSize: 3 },
    message: /option batchSize is not for data that are in batches; omit it/,
  },
  "examples of another shape": {
    data: () => ({ xs: tf.ones([2, 5, 5, 3]), ys: tf.ones([2, 3]) }),
    message: /each example has shape \[6,6,3\]/,
  },
  "targets of another shape": {
    data: () => ({ xs: tf.ones([2, 6, 6, 3]), ys: tf.ones([2, 4]) }),
    message: /each example has shape \[3\]/,
  },
};

for (const [name, { data = () => images(3), options = {}, message }] of Object.entries(misuses)) {
  Deno.test(`${name} is refused in one sentence`, async () => {
    await using training = await compiled(smallCnn());
    await assert.rejects(training.fit(data(), options as FitOptions), message);
  });
}

const measurements: Readonly<
  Record<string, { readonly data?: () => TrainingData; readonly options: object; readonly message: RegExp }>
> = {
  "an unknown option of evaluate": {
    options: { steps: 3 },
    message: /^Error: evaluate has no option steps; its options are batchSize, batches$/,
  },
  "a batch size of evaluate that is no count": {
    options: { batchSize: 0 },
    message: /^Error: batchSize is 0; it is a whole number from 1$/,
  },
  "a number of batches for tensors": {
    options: { batches: 1 },
    message: /^Error: option batches is not for tensors; omit it$/,
  },
  "a batch size for batches": {
    data: () => [images(3)],
    options: { batchSize: 3 },
    message: /^Error: option batchSize is not for data that are in batches; omit it$/,
  },
};

for (const [name, { data = () => images(3), options, message }] of Object.entries(measurements)) {
  Deno.test(`${name} is refused in one sentence`, async () => {
    await using training = await compiled(smallCnn());
    await assert.rejects(training.evaluate(data(), options), message);
  });
}
