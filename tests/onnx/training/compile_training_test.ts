import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { compileTraining, TraceError } from "../../../onnx/mod.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomTensor, useCpu } from "../../support/eager.ts";
import { seedWeights } from "../../support/layers_models.ts";
import { images, smallCnn, weightsOf } from "../../support/layers_training.ts";

await useCpu();

const { layers } = tf;

function dense(units: number, activation: "softmax" | "sigmoid" | "linear"): tf.Sequential {
  const model = tf.sequential({ layers: [layers.dense({ units, activation, inputShape: [4] })] });
  seedWeights(model);
  return model;
}

const xs = randomTensor([6, 4], 1);
const oneHot = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], "int32"), 3),
  classes = tf.tensor2d([0, 1, 2, 0, 1, 2], [6, 1]);
const yesOrNo = tf.tensor2d([0, 1, 1, 0, 1, 0], [6, 1]), numbers = randomTensor([6, 1], 2);

interface LossCase {
  readonly units: number;
  readonly activation: "softmax" | "sigmoid" | "linear";
  readonly ys: tf.Tensor;
  readonly metrics: (string | ((a: tf.Tensor, b: tf.Tensor) => tf.Tensor))[];
}

const softmax: LossCase = { units: 3, activation: "softmax", ys: oneHot, metrics: ["accuracy", "crossentropy", "mse"] };
const linear: LossCase = { units: 1, activation: "linear", ys: numbers, metrics: ["mae", tf.metrics.meanSquaredError] };
const losses: Readonly<Record<string, LossCase>> = {
  categoricalCrossentropy: softmax,
  sparseCategoricalCrossentropy: { ...softmax, ys: classes, metrics: ["accuracy"] },
  binaryCrossentropy: { units: 1, activation: "sigmoid", ys: yesOrNo, metrics: ["accuracy", "precision"] },
  meanSquaredError: linear,
  meanAbsoluteError: linear,
  meanAbsolutePercentageError: linear,
  meanSquaredLogarithmicError: linear,
  squaredHinge: linear,
  hinge: linear,
  logcosh: linear,
  poisson: { ...linear, activation: "sigmoid" },
  kullbackLeiblerDivergence: { ...softmax, metrics: [] },
  cosineProximity: { ...softmax, metrics: ["cosine"] },
};

for (const [loss, { units, activation, ys, metrics }] of Object.entries(losses)) {
  Deno.test(`${loss}: three steps and a measurement are TensorFlow.js's`, async () => {
    const [eager, compiled] = [dense(units, activation), dense(units, activation)];
    eager.compile({ loss, metrics, optimizer: "sgd" });
    await using training = await compileTraining(compiled, { loss, metrics, optimizer: "sgd", runtime: ort });
    for (let step = 0; step < 3; step++) {
      const expected = [await eager.trainOnBatch(xs, ys)].flat();
      assertClose(Object.values(await training.step({ xs, ys })), expected as number[], 1e-5, `step ${step}`);
    }
    const expected = [eager.evaluate(xs, ys)].flat().map((scalar) => scalar.dataSync()[0]!);
    assertClose(Object.values(await training.evaluate({ xs, ys })), expected, 1e-5, "measurement");
  });
}

Deno.test("a loss and a metric may be functions, of targets that are whole numbers too", async () => {
  const loss = (labels: tf.Tensor, output: tf.Tensor) =>
    tf.losses.softmaxCrossEntropy(tf.oneHot(tf.reshape(labels, [-1]), 3), output) as tf.Tensor;
  const ys = oneHot.argMax(1).reshape([6, 1]), [eager, compiled] = [dense(3, "linear"), dense(3, "linear")];
  // TensorFlow.js wants targets of the output's shape: tokens of three numbers, the first of which is read.
  const wide = tf.tile(ys, [1, 3]);
  const first = (labels: tf.Tensor, output: tf.Tensor) => loss(tf.slice(labels, [0, 0], [6, 1]), output);
  eager.compile({ loss: first, optimizer: "sgd" });
  await using training = await compileTraining(compiled, { loss: first, optimizer: "sgd", runtime: ort });
  const expected = await eager.trainOnBatch(xs, wide) as number;
  assertClose([(await training.step({ xs, ys: wide }))["loss"]!], [expected], 1e-5);
});

Deno.test("tensors that were cast from another type are examples as others are", async () => {
  const [plain, cast] = [dense(1, "sigmoid"), dense(1, "sigmoid")], losses: (number | undefined)[] = [];
  for (const [model, ys] of [[plain, yesOrNo], [cast, tf.cast(tf.cast(yesOrNo, "bool"), "float32")]] as const) {
    await using training = await compileTraining(model, { loss: "meanSquaredError", optimizer: "sgd", runtime: ort });
    losses.push((await training.step({ xs, ys }))["loss"]);
  }
  assert.equal(losses[0], losses[1]);
});

/** Two inputs, two outputs with losses of their own. */
function twoOutputs(): tf.LayersModel {
  const [a, b] = ["a", "b"].map((name) => tf.input({ name, shape: [4] })) as [tf.SymbolicTensor, tf.SymbolicTensor];
  const hidden = layers.concatenate().apply([a, b]) as tf.SymbolicTensor;
  const outputs = [
    layers.dense({ name: "kind", units: 3, activation: "softmax" }).apply(hidden),
    layers.dense({ name: "size", units: 1 }).apply(hidden),
  ] as tf.SymbolicTensor[];
  const model = tf.model({ inputs: [a, b], outputs });
  seedWeights(model);
  return model;
}

Deno.test("a model of several inputs and outputs learns from maps and lists", async () => {
  const [eager, compiled] = [twoOutputs(), twoOutputs()];
  const options = {
    loss: { kind: "categoricalCrossentropy", size: "meanSquaredError" },
    optimizer: "sgd",
    metrics: { kind: "accuracy" },
  };
  eager.compile(options);
  await using training = await compileTraining(compiled, { ...options, runtime: ort });
  const other = randomTensor([6, 4], 3);
  const expected = await eager.trainOnBatch([xs, other], [oneHot, numbers]) as number[];
  const logs = await training.step({ xs: { b: other, a: xs }, ys: [oneHot, numbers] });
  assert.deepEqual(Object.keys(logs), ["loss", "kind_loss", "size_loss", "kind_acc"]);
  assertClose(Object.values(logs), expected, 1e-5);
  // TensorFlow.js's evaluate mixes up the names of several losses; the total is their sum.
  const measured = await training.evaluate({ xs: [xs, other], ys: [oneHot, numbers] });
  assertClose([measured["loss"]!], [measured["kind_loss"]! + measured["size_loss"]!], 1e-6);
});

Deno.test("the weights of a nested model that is used twice learn once a step", async () => {
  const inner = tf.sequential({ layers: [layers.dense({ units: 4, inputShape: [4] })] });
  const input = tf.input({ shape: [4] });
  const model = tf.model({ inputs: input, outputs: inner.apply(inner.apply(input)) as tf.SymbolicTensor });
  seedWeights(model);
  const ys = randomTensor([6, 4], 3), [kernel, bias] = inner.getWeights() as [tf.Tensor2D, tf.Tensor1D];
  const loss = (kernel: tf.Tensor, bias: tf.Tensor) => {
    const layer = (x: tf.Tensor) => tf.add(tf.matMul(x, kernel), bias);
    return tf.mean<tf.Scalar>(tf.squaredDifference(layer(layer(xs)), ys));
  };
  const gradients = tf.grads(loss)([kernel, bias]);
  const expected = [kernel, bias].flatMap((weight, at) => [...tf.sub(weight, tf.mul(gradients[at]!, 0.1)).dataSync()]);
  await using training = await compileTraining(model, {
    loss: "meanSquaredError",
    optimizer: tf.train.sgd(0.1),
    runtime: ort,
  });
  await training.step({ xs, ys });
  training.writeWeights();
  assertClose(weightsOf(inner), expected, 1e-5, "weight");
  const { graph } = fromBinary(ModelProtoSchema, training.stepModel({ xs, ys }));
  const weights = graph!.input.map(({ name }) => name).filter((name) => /kernel|bias/.test(name));
  assert.equal(weights.length, 2);
});

Deno.test("the same weights come from the blocked convolutions as from portable ones, but for rounding", async () => {
  const models = [smallCnn(), smallCnn()],
    options = { loss: "categoricalCrossentropy", optimizer: "sgd", runtime: ort };
  const sessions = [{}, { executionProviders: ["cpu"] }];
  for (const [at, model] of models.entries()) {
    await using training = await compileTraining(model, { ...options, session: sessions[at]! });
    await training.fit(images(6), { epochs: 3, shuffle: false });
  }
  assertClose(weightsOf(models[0]!), weightsOf(models[1]!), 1e-5, "weight");
});

Deno.test("the step is a portable ONNX model: standard operators, named weights, state and logs", async () => {
  await using training = await compileTraining(smallCnn(), {
    loss: "meanSquaredError",
    optimizer: "adam",
    runtime: ort,
  });
  const { graph, opsetImport } = fromBinary(ModelProtoSchema, training.stepModel(images(2)));
  assert.deepEqual(opsetImport.map(({ domain }) => domain), [""]);
  const inputs = graph!.input.map(({ name }) => name), outputs = graph!.output.map(({ name }) => name);
  const [kernel] = training.model.weights.map(({ originalName }) => originalName);
  for (const name of [kernel!, `optimizer/m/${kernel}`, "optimizer/accBeta1"]) {
    assert.ok(inputs.includes(name) && outputs.includes(`next/${name}`), name);
  }
  assert.ok(inputs.includes("optimizer/learning_rate") && outputs.includes("log/loss"));
});

Deno.test("exact special values skip NaN in maximum pooling, as TensorFlow.js does", async () => {
  const pooling = layers.maxPooling2d({ poolSize: 2, inputShape: [4, 4, 1] });
  const model = tf.sequential({ layers: [pooling, layers.flatten(), layers.dense({ units: 1 })] });
  seedWeights(model);
  const rows = [[NaN, 1, 2, NaN], [NaN, NaN, NaN, NaN], [NaN, NaN, NaN, NaN], [3, NaN, NaN, 4]];
  const xs = tf.tensor4d(rows.flat(), [1, 4, 4, 1]), ys = tf.tensor2d([[1]]);
  await using training = await compileTraining(model, {
    loss: "meanSquaredError",
    optimizer: "sgd",
    runtime: ort,
    specialValues: "exact",
  });
  const expected = model.evaluate(xs, ys) as tf.Scalar, { loss } = await training.step({ xs, ys });
  assertClose([loss!], expected.dataSync(), 1e-5, "loss");
  assert.ok(Number.isFinite(loss));
});

Deno.test("writeWeights and readWeights carry weights to the model and back", async () => {
  const model = dense(1, "linear");
  await using training = await compileTraining(model, { loss: "meanSquaredError", optimizer: "sgd", runtime: ort });
  const before = weightsOf(model), { loss } = await training.step({ xs, ys: numbers });
  assert.deepEqual(weightsOf(model), before);
  training.writeWeights();
  assert.notDeepEqual(weightsOf(model), before);
  model.setWeights([tf.tensor2d(before.slice(0, 4), [4, 1]), tf.tensor1d(before.slice(4))]);
  training.readWeights();
  assert.equal((await training.step({ xs, ys: numbers }))["loss"], loss);
});

Deno.test("a function with variables learns as with TensorFlow.js's optimizer; a variable that is not trainable stays", async () => {
  const variables = () => [tf.variable(tf.scalar(0.5)), tf.variable(tf.scalar(1), false)] as const;
  const [eager, compiled] = [variables(), variables()];
  const line = ([slope, offset]: readonly [tf.Variable, tf.Variable], x: tf.Tensor) => tf.add(tf.mul(x, slope), offset);
  const optimizer = tf.train.adam(0.1);
  await using training = await compileTraining(({ x }) => ({ y: line(compiled, x!) }), {
    inputs: { x: { shape: [null, 4] } },
    variables: compiled,
    loss: "meanSquaredError",
    optimizer: tf.train.adam(0.1),
    runtime: ort,
  });
  const ys = tf.mul(xs, 3);
  for (let step = 0; step < 5; step++) {
    const cost = optimizer.minimize(() => tf.losses.meanSquaredError(ys, line(eager, xs)) as tf.Scalar, true, [
      eager[0],
    ]);
    const { loss } = await training.step({ xs: { x: xs }, ys: { y: ys } });
    assertClose([loss!], [cost!.dataSync()[0]!], 1e-5);
  }
  training.writeWeights();
  assertClose(compiled.map((v) => v.dataSync()[0]!), eager.map((v) => v.dataSync()[0]!), 1e-5);
  assert.equal(compiled[1].dataSync()[0], 1);
});

Deno.test("a layer may be called optimizer", async () => {
  const build = () => {
    const model = tf.sequential({ layers: [layers.dense({ units: 1, inputShape: [4], name: "optimizer" })] });
    seedWeights(model);
    return model;
  };
  const [eager, compiled] = [build(), build()], loss = "meanSquaredError";
  eager.compile({ loss, optimizer: tf.train.momentum(0.1, 0.5) });
  await using training = await compileTraining(compiled, {
    loss,
    optimizer: tf.train.momentum(0.1, 0.5),
    runtime: ort,
  });
  for (let step = 0; step < 2; step++) {
    const expected = await eager.trainOnBatch(xs, numbers) as number;
    assertClose([(await training.step({ xs, ys: numbers }))["loss"]!], [expected], 1e-5, `step ${step}`);
  }
});

Deno.test("a variable with the name of an input, a target or the learning rate is refused in one sentence", async () => {
  for (const name of ["x", "target/y", "optimizer/learning_rate"]) {
    const slope = tf.variable(tf.scalar(0), true, name);
    await assert.rejects(
      compileTraining(({ x }) => ({ y: tf.mul(x, slope) }), {
        inputs: { x: { shape: [null, 1] } },
        variables: [slope],
        loss: "meanSquaredError",
        optimizer: "sgd",
        runtime: ort,
      }),
      new RegExp(`^Error: variable ${name} has the name of an input, a target or a part of the optimizer's state`),
    );
    slope.dispose();
  }
});

Deno.test("an input with a name like those of random numbers is refused: numbers would be drawn in its place", async () => {
  const slope = tf.variable(tf.scalar(0)), name = "random/uniform/x";
  await assert.rejects(
    compileTraining((inputs) => ({ y: tf.mul(inputs[name], slope) }), {
      inputs: { [name]: { shape: [null, 1] } },
      variables: [slope],
      loss: "meanSquaredError",
      optimizer: "sgd",
      runtime: ort,
    }),
    /^Error: random\/uniform\/x has a name like those of random numbers; rename it$/,
  );
  slope.dispose();
});

Deno.test("steps do not overlap", async () => {
  await using training = await compileTraining(dense(1, "linear"), {
    loss: "meanSquaredError",
    optimizer: "sgd",
    runtime: ort,
  });
  await training.step({ xs, ys: numbers });
  const both = await Promise.allSettled([training.step({ xs, ys: numbers }), training.step({ xs, ys: numbers })]);
  assert.deepEqual(both.map(({ status }) => status), ["fulfilled", "rejected"]);
});

Deno.test("tracing a step leaves TensorFlow.js's memory as it is", async () => {
  await using training = await compileTraining(smallCnn(), {
    loss: "meanSquaredError",
    optimizer: "sgd",
    runtime: ort,
  });
  const [first, second] = [images(2), images(3)];
  training.stepModel(first);
  const { numTensors } = tf.memory();
  training.stepModel(second);
  assert.equal(tf.memory().numTensors, numTensors);
});

Deno.test("a function without inputs and variables is refused in one sentence", async () => {
  const compile = compileTraining as unknown as (fn: unknown, options: object) => Promise<unknown>;
  await assert.rejects(
    compile(() => ({}), { loss: "meanSquaredError", optimizer: "sgd", runtime: ort }),
    /the training of a function needs the options inputs and variables/,
  );
});

Deno.test("a model of which nothing is trainable is refused in one sentence", async () => {
  const model = dense(1, "linear");
  model.layers[0]!.trainable = false;
  await using training = await compileTraining(model, { loss: "meanSquaredError", optimizer: "sgd", runtime: ort });
  await assert.rejects(
    training.fit({ xs, ys: numbers }),
    /^TraceError: no weight of model .+ is trainable; set trainable of one of its layers to true$/,
  );
});

Deno.test("a loss that draws random numbers is refused in one sentence", async () => {
  const loss = (labels: tf.Tensor, output: tf.Tensor) => tf.mul(tf.sub(labels, output), tf.randomNormal(output.shape));
  await using training = await compileTraining(dense(1, "linear"), { loss, optimizer: "sgd", runtime: ort });
  await assert.rejects(
    training.step({ xs, ys: numbers }),
    (error: Error) => error instanceof TraceError && /random numbers/.test(error.message),
  );
});

Deno.test("a model that joins many layers has few operands in each node on WebGPU, and its losses stay", async () => {
  const counts: number[] = [];
  // The CPU runs what a session on WebGPU would.
  const create = (model: Uint8Array) => {
    const joins = fromBinary(ModelProtoSchema, model).graph!.node.filter(({ opType }) => opType === "Concat");
    counts.push(Math.max(...joins.map(({ input }) => input.length)));
    return ort.InferenceSession.create(model);
  };
  const runtime = { Tensor: ort.Tensor, InferenceSession: { create } };
  const losses = await Promise.all(["cpu", "webgpu"].map(async (provider) => {
    const input = tf.input({ shape: [4] });
    const joined = layers.concatenate().apply(
      Array.from({ length: 12 }, () => layers.dense({ units: 2 }).apply(input) as tf.SymbolicTensor),
    );
    const output = layers.dense({ units: 1 }).apply(joined as tf.SymbolicTensor) as tf.SymbolicTensor;
    const model = tf.model({ inputs: input, outputs: output });
    seedWeights(model);
    const session = { executionProviders: [provider] };
    const options = { loss: "meanSquaredError", optimizer: "sgd", runtime: runtime as never, session };
    await using training = await compileTraining(model, options);
    return Object.values(await training.step({ xs, ys: numbers }));
  }));
  assert.deepEqual(counts.toSorted((a, b) => a - b), [7, 12]);
  assert.deepEqual(losses[1], losses[0]);
});
