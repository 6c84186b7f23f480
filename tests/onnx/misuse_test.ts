/** Calls that a program without types, or with disposed tensors, makes by mistake: each is an error of one sentence. */
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { compileTraining, trace, traceModel } from "../../onnx/mod.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

// Types would find most of these mistakes.
// deno-lint-ignore no-explicit-any
type Any = any;

const x = { shape: [2] };
const dead = tf.tensor1d([1, 2]), deadVariable = tf.variable(tf.ones([2]));
dead.dispose();
deadVariable.dispose();

const DISPOSED = "a traced function uses a tensor that is disposed; keep it, or return it from tf.tidy";
const UNREAD =
  "a traced function reads the elements of a tensor, by data, print or a comparison such as x > 0, which exist only when the " +
  "model runs; compute with tensors, and choose by tf.where instead of if";

const functions: Readonly<Record<string, readonly [fn: (x: tf.Tensor) => Any, says: string]>> = {
  "a disposed tensor": [(x) => ({ y: tf.add(x, dead) }), DISPOSED],
  "a disposed variable": [(x) => ({ y: tf.add(x, deadVariable) }), DISPOSED],
  "a disposed input": [(x) => (x.dispose(), { y: tf.neg(x) }), DISPOSED],
  "a disposed output": [() => ({ y: dead }), DISPOSED],
  "an output that tf.tidy disposed": [(x) => {
    let y: tf.Tensor | undefined;
    tf.tidy(() => void (y = tf.neg(x)));
    return { y };
  }, DISPOSED],
  "nothing": [() => {}, "a traced function returns undefined; return an object of tensors by name"],
  "a number": [() => 1, "a traced function returns a number; return an object of tensors by name"],
  "a promise that rejects": [
    () => Promise.reject(new Error("late")),
    "a traced function returns a promise, though tracing does not wait; return an object of tensors by name",
  ],
  "a list in an object": [(x) => ({ y: [[x]] }), "the output y of a traced function is a list; return a tensor"],
  "an object in an object": [
    (x) => ({ y: { x } }),
    "the output y of a traced function is an object; return a tensor",
  ],
  "no tensors": [() => ({}), "a traced function returns no tensors; return some by name"],
  "a comparison of elements": [(x) => ({ y: (x as Any) > 0 ? x : tf.neg(x) }), UNREAD],
  "elements that it does not wait for": [(x) => (x.data(), { y: x }), UNREAD],
};

for (const [what, [fn, message]] of Object.entries(functions)) {
  Deno.test(`a function of ${what} is refused, with known and unknown sizes`, () => {
    for (const shape of [[2], [null]]) {
      assert.throws(() => trace(({ x }) => fn(x), { x: { shape } }), { name: "TraceError", message });
    }
  });
}

Deno.test("a tensor that is kept of a trace cannot be read", async () => {
  let kept: tf.Tensor | undefined;
  trace(({ x }) => ({ y: kept = tf.keep(tf.neg(x)) }), { x });
  await assert.rejects(() => kept!.data(), { name: "TraceError", message: UNREAD });
});

Deno.test("variables, tensors from tf.tidy and tensors of another backend become constants", async () => {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  const other = tf.tensor1d([5, 6]);
  await tf.setBackend("cpu");
  const variable = tf.variable(tf.tensor1d([1, 2])), tidied = tf.tidy(() => tf.add(tf.tensor1d([2, 2]), 1));
  const model = trace(({ x }) => ({ y: tf.add(tf.add(x, other), tf.add(variable, tidied)), variable }), { x });
  const session = await ort.InferenceSession.create(model);
  const results = await session.run({ x: new ort.Tensor(Float32Array.of(10, 20), [2]) });
  await session.release();
  assert.deepEqual([...results["y"]!.data as Float32Array], [10 + 5 + 1 + 3, 20 + 6 + 2 + 3]);
  assert.deepEqual([...results["variable"]!.data as Float32Array], [1, 2]);
});

const calls: Readonly<Record<string, readonly [call: () => unknown, says: string]>> = {
  "a function that is none": [
    () => trace(3 as Any, { x }),
    "a traced function is a number; pass a function of named tensors",
  ],
  "no inputs": [
    () => trace(() => ({}), undefined as Any),
    "the inputs of a traced function are undefined; pass { shape, dtype } by name",
  ],
  "inputs in a list": [
    () => trace(() => ({}), [x] as Any),
    "the inputs of a traced function are a list; pass { shape, dtype } by name",
  ],
  "a shape for an input": [() => trace(() => ({}), { x: [2] } as Any), "input x is a list; pass { shape, dtype }"],
  "an input that is null": [() => trace(() => ({}), { x: null } as Any), "input x is null; pass { shape, dtype }"],
  "an unknown treatment of special values": [
    () => trace(({ x }) => ({ y: tf.neg(x) }), { x }, { specialValues: "exactly" as Any }),
    "specialValues is exactly; it is fast or exact",
  ],
  "an unknown option": [
    () => trace(({ x }) => ({ y: tf.neg(x) }), { x }, { opsetVersion: 17 } as Any),
    "trace has no option opsetVersion; its options are name, description, metadata, modelVersion, opset, specialValues",
  ],
  "an unknown option of a model": [
    () => traceModel(dense("option"), { opsetVersion: 17 } as Any),
    "traceModel has no option opsetVersion; its options are name, description, metadata, modelVersion, opset, " +
    "specialValues, inputShapes",
  ],
  "an opset in a string": [
    () => trace(({ x }) => ({ y: tf.neg(x) }), { x }, { opset: "17" as Any }),
    'opset is "17"; it is a whole number from 13 to 21',
  ],
  "a model version that is not whole": [
    () => trace(({ x }) => ({ y: tf.neg(x) }), { x }, { modelVersion: 1.5 }),
    "modelVersion is 1.5; it is a whole number",
  ],
  "a model for a function": [
    () => trace(dense("function") as Any, { x }),
    "a traced function is a tf.LayersModel; pass it to traceModel",
  ],
  "a model of another copy of TensorFlow.js": [
    () => traceModel({ layers: [], predict: () => {} } as Any),
    "the model is of another copy of TensorFlow.js than this package uses; install one copy, which " +
    "`npm ls @tensorflow/tfjs` shows",
  ],
  "no model": [
    () => traceModel(undefined as Any),
    "the model is undefined; pass a tf.LayersModel, such as tf.loadLayersModel returns",
  ],
  "a model that is loading": [
    () => traceModel(Promise.resolve() as Any),
    "the model is a promise; pass a tf.LayersModel, such as tf.loadLayersModel returns",
  ],
  "a layer for a model": [
    () => traceModel(tf.layers.flatten() as Any),
    "the model is a layer; pass a tf.LayersModel, such as tf.loadLayersModel returns",
  ],
  "a function for a model": [
    () => traceModel(tf.neg as Any),
    "the model is a function; pass a tf.LayersModel, such as tf.loadLayersModel returns",
  ],
  "a disposed model": [
    () => traceModel(disposed("gone")),
    "weight dense_gone/kernel of model gone is disposed; trace or train the model before that",
  ],
};

for (const [what, [call, message]] of Object.entries(calls)) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(call, { name: "TraceError", message });
  });
}

function dense(name: string): tf.LayersModel {
  const input = tf.input({ shape: [2], name: `${name}_input` });
  const output = tf.layers.dense({ units: 1, name: `dense_${name}` }).apply(input) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output, name });
}

function disposed(name: string): tf.LayersModel {
  const model = dense(name);
  model.dispose();
  return model;
}

const options = { loss: "meanSquaredError", optimizer: "sgd", runtime: ort } as const;
const ofFunction = { ...options, inputs: { x: { shape: [null, 2] } } };

const compiled: Readonly<Record<string, readonly [model: Any, options: Any, says: RegExp]>> = {
  "a disposed model": [disposed("a"), options, /^TraceError: weight dense_a\/kernel of model a is disposed; trace or/],
  "no model": [
    undefined,
    options,
    /^TraceError: compileTraining trains undefined; pass a tf.LayersModel or a function/,
  ],
  "a model of another copy of TensorFlow.js": [
    { layers: [], predict: () => {} },
    options,
    /^TraceError: the model is of another copy of TensorFlow.js/,
  ],
  "a misspelt option": [
    dense("e"),
    { ...options, metric: ["accuracy"] },
    /^TraceError: compileTraining has no option metric; its options are loss, optimizer, metrics, seed, runtime,/,
  ],
  "something else as onnxruntime": [
    dense("f"),
    { ...options, runtime: import("onnxruntime-node") },
    /^Error: the option runtime is a promise; pass the module: import \* as ort from "onnxruntime-node"$/,
  ],
  "no options": [
    dense("b"),
    undefined,
    /^Error: compileTraining needs the option loss; pass one that model.compile takes/,
  ],
  "no optimizer": [
    dense("c"),
    { loss: "meanSquaredError" },
    /^Error: compileTraining needs the option optimizer; pass/,
  ],
  "a function without variables": [
    ({ x }: Any) => ({ y: x }),
    ofFunction,
    /^Error: the training of a function needs the options inputs and variables$/,
  ],
  "a tensor for a variable": [
    ({ x }: Any) => ({ y: x }),
    { ...ofFunction, variables: [tf.ones([2])] },
    /^Error: the option variables holds a tensor; pass a list of tf.Variable$/,
  ],
  "a disposed variable": [
    ({ x }: Any) => ({ y: tf.mul(x, deadVariable) }),
    { ...ofFunction, variables: [deadVariable] },
    /^TraceError: a traced function uses a tensor that is disposed; keep it/,
  ],
};

for (const [what, [model, given, says]] of Object.entries(compiled)) {
  Deno.test(`the training of ${what} is refused`, async () => {
    await assert.rejects(() => compileTraining(model, given), says);
  });
}

const alive = tf.ones([1, 2]), target = tf.ones([1, 1]);
const batches: Readonly<Record<string, readonly [data: Any, says: string]>> = {
  "nothing": [undefined, "a batch is undefined; pass { xs, ys } of tensors"],
  "disposed inputs": [
    { xs: dead, ys: target },
    "xs of a batch holds a disposed tensor; dispose of it after the training",
  ],
  "disposed targets": [
    { xs: alive, ys: [dead] },
    "ys of a batch holds a disposed tensor; dispose of it after the training",
  ],
  "strings": [
    { xs: tf.tensor2d([["a", "b"]]), ys: target },
    "xs of a batch holds a tensor of string; pass one of float32, int32 or bool",
  ],
};

Deno.test("batches that are none, and disposed ones, are refused", async () => {
  await using training = await compileTraining(dense("d"), options);
  for (const [data, message] of Object.values(batches)) {
    await assert.rejects(async () => await training.step(data), { message });
    await assert.rejects(async () => await training.fit([data] as Any), { message });
  }
  for (
    const [data, kind] of [[undefined, "undefined"], [alive, "a tensor"], [3, "a number"], [
      Promise.resolve(),
      "a promise",
    ]] as const
  ) {
    const message = `the data are ${kind}; pass { xs, ys } of tensors, a tf.data.Dataset, or batches in a list`;
    await assert.rejects(async () => await training.fit(data as Any, target as Any), { message });
    await assert.rejects(async () => await training.evaluate(data as Any), { message });
  }
});
