import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { ModelEditor } from "../../../onnx/file/model_editor.ts";
import { compileTraining } from "../../../onnx/mod.ts";
import type { OnnxRuntime } from "../../../onnx/training/runtime.ts";
import { useCpu } from "../../support/eager.ts";
import { seedWeights } from "../../support/layers_models.ts";
import { images, smallCnn, weightsOf } from "../../support/layers_training.ts";

await useCpu();
const { layers } = tf;

/** Blocks of convolutions with skip connections, of strides and of pixels, which save_memory was not written for. */
function residualNet(): tf.LayersModel {
  const input = tf.input({ shape: [6, 6, 3] });
  const convolve = (x: tf.SymbolicTensor, filters: number, kernelSize: number, strides = 1) =>
    layers.conv2d({ filters, kernelSize, strides, padding: "same", useBias: false }).apply(x) as tf.SymbolicTensor;
  const activate = (x: tf.SymbolicTensor) =>
    layers.reLU().apply(layers.batchNormalization().apply(x)) as tf.SymbolicTensor;
  const stem = activate(convolve(input, 16, 3));
  const branch = convolve(activate(convolve(stem, 32, 3, 2)), 32, 3);
  const sum = layers.add().apply([branch, convolve(stem, 32, 1, 2)]) as tf.SymbolicTensor;
  const deep = layers.separableConv2d({ filters: 16, kernelSize: 3, padding: "same", activation: "relu" });
  const mean = layers.globalAveragePooling2d({}).apply(deep.apply(activate(sum)));
  const model = tf.model({ inputs: input, outputs: layers.dense({ units: 3 }).apply(mean) as tf.SymbolicTensor });
  seedWeights(model);
  return model;
}

/** A network of what is not a convolution. */
function perceptron(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      layers.flatten({ inputShape: [6, 6, 3] }),
      layers.dense({ units: 8, activation: "relu" }),
      layers.prelu({}),
      layers.dense({ units: 3 }),
    ],
  });
  seedWeights(model);
  return model;
}

/** Trains two steps; returns logs, weights and the operators of the step. */
async function train(model: tf.LayersModel, savesMemory: boolean | undefined) {
  const models: Uint8Array[] = [];
  const create = (bytes: Uint8Array, options: ort.InferenceSession.SessionOptions) => {
    models.push(bytes);
    return ort.InferenceSession.create(bytes, options);
  };
  const runtime = { ...ort, InferenceSession: { create } } as unknown as OnnxRuntime;
  await using training = await compileTraining(model, {
    loss: "meanSquaredError",
    optimizer: tf.train.momentum(0.1, 0.9),
    runtime,
    ...savesMemory === undefined ? {} : { savesMemory },
    session: { intraOpNumThreads: 1 },
  });
  const { xs, ys } = images(6);
  const logs = [await training.step({ xs, ys }), await training.step({ xs, ys })];
  training.writeWeights();
  const operators = new ModelEditor(models.at(-1)!).graph.node.map(({ opType }) => opType);
  return { logs, weights: weightsOf(model), operators };
}

for (const [name, network] of Object.entries({ smallCnn, residualNet, perceptron })) {
  Deno.test(`steps that save memory have the bits of others: ${name}`, async () => {
    const [plain, saving] = [await train(network(), false), await train(network(), true)];
    assert.deepEqual(saving.logs, plain.logs);
    assert.deepEqual(saving.weights, plain.weights);
  });
}

Deno.test("steps on the CPU save memory unless they are told not to", async () => {
  const waiting = ({ operators }: { operators: readonly string[] }) =>
    operators.filter((operator) => operator === "Unsqueeze").length;
  const [byDefault, plain] = [await train(residualNet(), undefined), await train(residualNet(), false)];
  assert.ok(waiting(byDefault) > waiting(plain));
});
