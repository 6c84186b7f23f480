import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { TraceError, traceModel } from "../../../onnx/mod.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomTensor, useCpu } from "../../support/eager.ts";

await useCpu();

const graphOf = (model: tf.LayersModel) => fromBinary(ModelProtoSchema, traceModel(model)).graph!;

const cnn = () =>
  tf.sequential({
    layers: [
      tf.layers.conv2d({ name: "stem", filters: 4, kernelSize: 3, inputShape: [6, 6, 2], activation: "relu" }),
      tf.layers.flatten({ name: "list" }),
      tf.layers.dense({ name: "classes", units: 3, activation: "softmax" }),
    ],
  });

Deno.test("weights have the names that TensorFlow.js gives them, nodes those of their layers", () => {
  const { initializer, node } = graphOf(cnn());
  const weights = initializer.map(({ name }) => name).filter((name) => name.includes("/"));
  assert.deepEqual(weights.toSorted(), ["classes/bias", "classes/kernel", "stem/bias", "stem/kernel"]);
  // The last node has the name of the output.
  const scopes = new Set(node.map(({ name }) => name.split("/")[0]));
  assert.deepEqual([...scopes], ["stem", "list", "classes"]);
});

Deno.test("inputs and outputs have the model's names, types and open batch", () => {
  const { input, output } = graphOf(cnn());
  assert.deepEqual([...input, ...output].map(({ name }) => name), ["stem_input", "classes"]);
  const { value } = input[0]!.type!;
  assert.ok(value.case === "tensorType");
  assert.deepEqual(value.value.shape!.dim.map(({ value }) => String(value.value)), ["batch", "6", "6", "2"]);
});

Deno.test("weights of equal elements keep names of their own, where layers are called alike in nested models too", () => {
  const inner = (name: string) =>
    tf.sequential({ name, layers: [tf.layers.dense({ name: "same", units: 4, inputShape: [4] })] });
  const { initializer } = graphOf(tf.sequential({ layers: [inner("first"), inner("second")] }));
  const names = initializer.map(({ name }) => name).filter((name) => name.includes("/")).toSorted();
  assert.deepEqual(names, ["same/bias", "same/bias_1", "same/kernel", "same/kernel_1"]);
});

Deno.test("a wrapped layer's nodes are named after both layers", () => {
  const layer = tf.layers.lstm({ name: "cell", units: 2 }) as tf.RNN;
  const wrapped = tf.layers.bidirectional({ name: "both", layer, mergeMode: "concat", inputShape: [2, 3] });
  const { node } = graphOf(tf.sequential({ layers: [wrapped] }));
  const scopes = new Set(node.map(({ name }) => name.split("/").slice(0, -1).join("/")));
  assert.deepEqual([...scopes].filter(Boolean).toSorted(), ["both", "both/backward_cell", "both/forward_cell"]);
});

Deno.test("a recurrent kernel is written once, however many steps read it", () => {
  const { initializer } = graphOf(
    tf.sequential({ layers: [tf.layers.gru({ units: 48, recurrentInitializer: "glorotNormal", inputShape: [6, 3] })] }),
  );
  const elements = initializer.reduce((sum, { rawData }) => sum + rawData.length / 4, 0);
  // Kernel, recurrent kernel and bias, and the few numbers of shapes.
  assert.ok(elements < 3 * 48 * (3 + 48 + 1) + 500, `${elements} elements`);
});

Deno.test("tracing leaves the model and TensorFlow.js's memory as they are", () => {
  const model = cnn(), x = tf.ones([1, 6, 6, 2]);
  const before = (model.predict(x) as tf.Tensor).dataSync();
  // The first trace registers the backend.
  traceModel(model);
  const { numTensors } = tf.memory();
  traceModel(model);
  assert.equal(tf.memory().numTensors, numTensors);
  assert.deepEqual((model.predict(x) as tf.Tensor).dataSync(), before);
  model.layers.forEach((layer) => assert.equal(Object.hasOwn(layer, "call"), false));
});

Deno.test("a weight that shares its elements with another tensor survives when that tensor is disposed of", () => {
  const model = cnn(), copy = model.getWeights()[0]!.clone();
  traceModel(model);
  copy.dispose();
  assert.equal(model.getWeights()[0]!.dataSync().length, 3 * 3 * 2 * 4);
});

const refused: Readonly<Record<string, { readonly make: () => tf.LayersModel; readonly message: RegExp }>> = {
  "a model without layers": {
    make: () => tf.sequential({ name: "empty" }),
    message: /model empty has no layer; add one that has an inputShape/,
  },
  "a layer that keeps its states": {
    make: () =>
      tf.sequential({
        layers: [tf.layers.lstm({ name: "memory", units: 1, stateful: true, batchInputShape: [2, 3, 1] })],
      }),
    message: /layer memory keeps its states from batch to batch/,
  },
  "a sequence of unknown length": {
    make: () => tf.sequential({ layers: [tf.layers.lstm({ units: 1, inputShape: [null, 1] as unknown as [number] })] }),
    message:
      /^the kernels of model .* the length of a sequence; fix it with the option inputShapes, now \{ .*_input: \[null,null,1\] \}$/,
  },
};

Deno.test("a refusal names the innermost layer that it comes from", () => {
  class Reader extends tf.layers.Layer {
    static readonly className = "Reader";
    override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
      const [x] = [inputs].flat();
      return tf.mul(x!, x!.dataSync()[0]!);
    }
  }
  const layer = new Reader({ name: "reader" });
  const model = tf.sequential({ layers: [tf.layers.timeDistributed({ name: "each", layer, inputShape: [2, 3] })] });
  for (const inputShapes of [undefined, { each_input: [1, 2, 3] }]) {
    assert.throws(
      () => traceModel(model, inputShapes ? { inputShapes } : {}),
      /^TraceError: a traced function reads the elements of a tensor.* \(layer each\/reader\)$/,
    );
  }
});

Deno.test("a recurrent layer of unknown length is traced for a length that is given", async () => {
  const inputShape = [null, 2] as unknown as [number, number];
  const model = tf.sequential({ layers: [tf.layers.gru({ name: "memory", units: 3, inputShape })] });
  const session = await ort.InferenceSession.create(traceModel(model, { inputShapes: { memory_input: [null, 4, 2] } }));
  const x = randomTensor([3, 4, 2], 1);
  const { memory } = await session.run({ memory_input: new ort.Tensor(x.dataSync() as Float32Array, x.shape) });
  await session.release();
  assertClose(memory!.data as Float32Array, (model.predict(x) as tf.Tensor).dataSync(), 1e-6, "memory");
});

for (const [name, { make, message }] of Object.entries(refused)) {
  Deno.test(`${name} is refused in one sentence`, () => {
    assert.throws(
      () => traceModel(make()),
      (error: Error) => error instanceof TraceError && message.test(error.message),
    );
  });
}

Deno.test("a layer that starts from another's states hands them on to no later layer", async () => {
  const sequence = tf.input({ shape: [3, 2] }), next = tf.input({ shape: [2, 2] });
  const encoder = tf.layers.lstm({ units: 2, returnState: true, returnSequences: true });
  const [all, ...states] = encoder.apply(sequence) as tf.SymbolicTensor[];
  const decoder = tf.layers.lstm({ units: 2 }) as tf.RNN;
  const decoded = decoder.apply(next, { initialState: states }) as tf.SymbolicTensor;
  const mean = tf.layers.globalAveragePooling1d({}).apply(all!) as tf.SymbolicTensor;
  const model = tf.model({ inputs: [sequence, next], outputs: [decoded, mean] });
  const [a, b] = [randomTensor([3, 3, 2], 1), randomTensor([3, 2, 2], 2)];
  const session = await ort.InferenceSession.create(traceModel(model), { logSeverityLevel: 3 });
  const results = await session.run(Object.fromEntries(
    [a, b].map((
      tensor,
      at,
    ) => [model.inputNames[at]!, new ort.Tensor(tensor.dataSync() as Float32Array, tensor.shape)]),
  ));
  const expected = model.predict([a, b]) as tf.Tensor[];
  for (const [at, name] of model.outputNames.entries()) {
    assertClose(results[name]!.data as Float32Array, expected[at]!.dataSync(), 1e-5, name);
  }
});
