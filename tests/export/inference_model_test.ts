import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { inferenceModel, tensorsOf } from "../../export/inference_model.ts";
import { mergedLogits } from "../../export/merge.ts";
import { ExportedModel } from "../../export/exported_model.ts";
import { type InputForm, inputForms } from "../../export/variants.ts";
import { compareLogits, lossOf } from "../../export/parity.ts";
import { reducedModel } from "../../export/reduced_model.ts";
import { inference } from "../../model/inference.ts";
import type { ShakeNetwork } from "../../model/architectures.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { ModelProtoSchema } from "../../onnx/file/generated/onnx_pb.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { operators } from "../support/operators.ts";
import { randomArray } from "../support/random_tensors.ts";
import { outputOf, pythonWith } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { trainedState } from "../support/trained_state.ts";

await useCpu();
const imageShape = [32, 32, 3] as const;
const net = shakeNet({ depth: 8, width: 4, branches: 2, classes: 5 });
const state = trainedState(net);
const normalisation = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
const options = { opset: 17, imageShape, normalisation, description: "a test", metadata: { labels: '["a"]' } };
const input = "float32-nchw";

function someImages(side: number, count: number) {
  const pixels = Uint8Array.from(randomArray([count, side, side, 3], 1), (x) => 128 + 127 * x);
  const { mean, std } = normalisation;
  const images = Float32Array.from(pixels, (byte, at) => (byte / 255 - mean[at % 3]!) / std[at % 3]!);
  return { count, images, pixels };
}

function reference(net: ShakeNetwork, side: number, count: number) {
  const { images, pixels } = someImages(side, count);
  const inputs = Object.fromEntries(
    Object.entries(trainedState(net)).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
  const { logits } = inference(net)({ ...inputs, images: tf.tensor(images, [count, side, side, 3]) });
  return { count, images, pixels, logits: logits!.dataSync() as Float32Array };
}

const size = { depth: 14, width: 4, classes: 5 };
const networks: readonly ShakeNetwork[] = [
  shakeNet({ ...size, branches: 2 }),
  shakeNet({ ...size, branches: 3 }),
  shakeNet({ ...size, branches: 2, skip: false }),
  shakeNet({ ...size, branches: 2, batchNorm: false }),
  shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 5 }),
  shakeResNeXt({ depth: 11, width: 2, groups: 1, branches: 3, classes: 5 }),
];

for (const net of networks) {
  for (const side of [8, 9]) {
    const { architecture, skip, batchNorm } = { skip: true, batchNorm: true, ...net };
    const kind = `${net.title}${skip ? "" : " without skip connections"}${batchNorm ? "" : " without batch norm"}`;
    Deno.test(`the merged network is the network: ${architecture}, ${kind}, images of side ${side}`, () => {
      const { images, logits } = reference(net, side, 2);
      const merged = mergedLogits(net, tensorsOf(trainedState(net)), tf.tensor(images, [2, side, side, 3]));
      assertClose(merged.dataSync(), logits, 1e-5);
    });
  }
}

Deno.test("the exported model gives the network's logits and their soft-max, for any batch", async () => {
  const model = inferenceModel(net, state, options);
  const exported = await ExportedModel.load(model, { input, imageShape });
  for (const count of [1, 3]) {
    const images = reference(net, 32, count);
    assertClose(await exported.logits(images), images.logits, 1e-5);
  }
  const { images } = reference(net, 32, 1);
  const tensor = tf.tensor(images, [1, 32, 32, 3]).transpose([0, 3, 1, 2]);
  const { Tensor } = await import("onnxruntime-node");
  const { logits, probabilities } = await exported.session.run({
    image: new Tensor(tensor.dataSync() as Float32Array, [1, 3, 32, 32]),
  });
  assertClose(
    probabilities!.data as Float32Array,
    tf.softmax(tf.tensor(logits!.data as Float32Array)).dataSync(),
    1e-6,
  );
  await exported.dispose();
});

for (const form of inputForms) {
  Deno.test(`the exported model takes ${form}`, async () => {
    const model = inferenceModel(net, state, { ...options, input: form });
    const exported = await ExportedModel.load(model, { input: form, imageShape });
    const images = reference(net, 32, 2);
    assertClose(await exported.logits(images), images.logits, 1e-5);
    await exported.dispose();
  });
}

Deno.test("the exported model is plain: weights are folded, a block is two convolutions and a skip connection one", () => {
  const counts = new Map<string, number>();
  for (const operator of operators(inferenceModel(net, state, options))) {
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  assert.equal(counts.get("Conv"), 1 + 3 * 2 + 3, "stem, three blocks, three skip connections");
  assert.deepEqual([...counts.keys()].toSorted(), ["Add", "Conv", "MatMul", "ReduceMean", "Relu", "Softmax"]);
});

Deno.test("the exported ResNeXt has a convolution of the groups of all branches in every block", async () => {
  const net = shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 5 });
  const model = inferenceModel(net, trainedState(net), options);
  assert.equal(operators(model).filter((operator) => operator === "Conv").length, 1 + 3 * 3 + 3);
  assert.equal(operators(model).includes("Split"), false);
  const exported = await ExportedModel.load(model, { input, imageShape });
  const images = reference(net, 32, 2);
  assertClose(await exported.logits(images), images.logits, 1e-5);
  await exported.dispose();
});

Deno.test("the file says what it takes, gives and is", () => {
  const { graph, metadataProps, opsetImport } = fromBinary(ModelProtoSchema, inferenceModel(net, state, options));
  const shapes = [...graph!.input, ...graph!.output].map(({ name, type }) => {
    const { value } = type!.value;
    const { dim } = (value as { shape: { dim: { value: { value: bigint | string } }[] } }).shape;
    return [name, dim.map(({ value: { value } }) => String(value))];
  });
  assert.deepEqual(shapes, [
    ["image", ["batch", "3", "32", "32"]],
    ["logits", ["batch", "5"]],
    ["probabilities", ["batch", "5"]],
  ]);
  assert.deepEqual(metadataProps.map(({ key, value }) => [key, value]), [["labels", '["a"]']]);
  assert.deepEqual(opsetImport.map(({ domain, version }) => [domain, Number(version)]), [["", 17]]);
});

Deno.test("parity names the largest difference, and fails on one above the tolerance or another class", () => {
  const reference = Float32Array.of(1, 2, 5, 3), labels = [1, 1];
  const near = compareLogits(reference, Float32Array.of(1, 2.0625, 5, 3), labels, 0.1);
  assert.deepEqual(near, {
    images: 2,
    maxAbsoluteDifference: 0.0625,
    tolerance: 0.1,
    top1Agreement: 1,
    accuracy: { reference: 0.5, exported: 0.5 },
    passed: true,
  });
  assert.equal(compareLogits(reference, Float32Array.of(1, 2.5, 5, 3), labels, 0.1).passed, false);
  assert.equal(compareLogits(Float32Array.of(1, 1.01), Float32Array.of(1.01, 1), [0], 0.1).passed, false);
  assert.equal(compareLogits(reference, Float32Array.of(1, NaN, 5, 3), labels, 0.1).passed, false);
  assert.equal(compareLogits(reference, Float32Array.of(NaN, 2, 5, 3), labels, 0.1).passed, false);
});

Deno.test("what a lower precision loses is in points of accuracy, and too much of it or no number fails", () => {
  const float32 = Float32Array.of(1, 0, 0, 1, 1, 0, 1, 0), labels = [0, 1, 0, 1];
  const reduced = Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0.5);
  const { accuracy, accuracyLoss, top1Agreement, maxAbsoluteDifference, passed } = lossOf(float32, reduced, labels, 24);
  assert.deepEqual({ accuracy, accuracyLoss, top1Agreement, maxAbsoluteDifference, passed }, {
    accuracy: 0.5,
    accuracyLoss: 25,
    top1Agreement: 0.75,
    maxAbsoluteDifference: 1,
    passed: false,
  });
  assert.equal(lossOf(float32, reduced, labels, 25).passed, true);
  assert.equal(lossOf(float32, Float32Array.of(1, NaN, 0, 1, 1, 0, 1, 0), labels, 100).passed, false);
});

for (const precision of ["fp16", "int8"] as const) {
  Deno.test(`a model of ${precision} gives nearly the logits of float32, whatever it takes`, async () => {
    const images = reference(net, 32, 2);
    for (const input of inputForms) {
      const { model, exported } = await reduced(precision, { input });
      const smaller = await ExportedModel.load(model, { input, imageShape });
      const spread = Math.max(...images.logits) - Math.min(...images.logits);
      assertClose(await smaller.logits(images), images.logits, (precision === "fp16" ? 0.005 : 0.05) * spread);
      await Promise.all([smaller.dispose(), exported.dispose()]);
    }
  });
}

/** The network in lower precision, calibrated on other images than those of the tests. */
async function reduced(precision: "fp16" | "int8", { input, opset = 17 }: { input: InputForm; opset?: number }) {
  const float32 = inferenceModel(net, state, { ...options, input, opset });
  const exported = await ExportedModel.load(float32, { input, imageShape });
  const calibration = [someImages(32, 16)];
  const model = await reducedModel(precision, float32, exported, { calibration, reduceRange: false });
  return { model, exported };
}

const checker = await pythonWith("onnx.checker");

Deno.test({
  name: "another implementation's checker accepts the exported models (needs Python's onnx)",
  ignore: checker === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const paths: string[] = [];
      for (const opset of [13, 17, 21]) {
        const input = "uint8-nhwc";
        const models = { float32: inferenceModel(net, state, { ...options, input, opset }) };
        for (const precision of ["fp16", "int8"] as const) {
          const { model, exported } = await reduced(precision, { input, opset });
          Object.assign(models, { [precision]: model });
          await exported.dispose();
        }
        for (const [precision, model] of Object.entries(models)) {
          const path = `${folder}/${opset}-${precision}.onnx`;
          await Deno.writeFile(path, model);
          paths.push(path);
        }
      }
      const script = "import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)";
      await outputOf(checker!, ["-c", script, ...paths]);
    }),
});
