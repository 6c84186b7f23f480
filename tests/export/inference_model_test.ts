import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { inferenceModel, tensorsOf } from "../../export/inference_model.ts";
import { mergedLogits } from "../../export/merge.ts";
import { ExportedModel } from "../../export/exported_model.ts";
import { inputForms } from "../../export/forms.ts";
import { compareLogits, lossOf } from "../../export/parity.ts";
import { inference } from "../../model/inference.ts";
import type { ShakeNetwork } from "../../model/architectures.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { ModelProtoSchema } from "../../onnx/generated/onnx_pb.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { operators } from "../support/operators.ts";
import { randomArray } from "../support/random_tensors.ts";
import { trainedState } from "../support/trained_state.ts";

await useCpu();
const imageShape = [32, 32, 3] as const;
const net = shakeNet({ depth: 8, width: 4, branches: 2, classes: 5 });
const state = trainedState(net);
const normalisation = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
const options = { opset: 17, imageShape, normalisation, description: "a test", metadata: { labels: '["a"]' } };
const input = "float32-nchw";

function reference(net: ShakeNetwork, side: number, count: number) {
  const pixels = Uint8Array.from(randomArray([count, side, side, 3], 1), (x) => 128 + 127 * x);
  const { mean, std } = normalisation;
  const images = Float32Array.from(pixels, (byte, at) => (byte / 255 - mean[at % 3]!) / std[at % 3]!);
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

const checker = await onnxChecker();

Deno.test({
  name: "another implementation's checker accepts the exported model (needs Python's onnx)",
  ignore: checker === undefined,
  async fn() {
    for (const opset of [13, 17, 21]) {
      const path = await Deno.makeTempFile({ suffix: ".onnx" });
      await Deno.writeFile(path, inferenceModel(net, state, { ...options, opset }));
      const script = "import onnx, sys; onnx.checker.check_model(sys.argv[1], full_check=True)";
      const { success, stderr } = await new Deno.Command(checker!, { args: ["-c", script, path] }).output();
      await Deno.remove(path);
      assert.ok(success, new TextDecoder().decode(stderr));
    }
  },
});

/** A Python that has onnx; its checker is asked for, because this project's folder `onnx` alone would also be a package. */
async function onnxChecker(): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      const { success } = await new Deno.Command(python, {
        args: ["-c", "import onnx.checker"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return python;
    } catch {
      // There is no such program.
    }
  }
  return undefined;
}
