import * as tf from "@tensorflow/tfjs";
import { fromBinary } from "@bufbuild/protobuf";
import assert from "#assert";
import { inferenceModel } from "../../export/inference_model.ts";
import { ExportedModel } from "../../export/exported_model.ts";
import { reducedModel } from "../../export/reduced_model.ts";
import { precisions } from "../../export/variants.ts";
import { explanation } from "../../model/grad_cam.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { ModelProtoSchema } from "../../onnx/file/generated/onnx_pb.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { operators } from "../support/operators.ts";
import { outputOf, pythonWith } from "../support/program.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";
import { trainedState } from "../support/trained_state.ts";
import { imageShape, modelIn, net, options, reference, state } from "../support/export_reference.ts";

await useCpu();

const input = "float32-nchw";

Deno.test("the exported model is plain: weights are folded, a block is two convolutions and a skip connection one", () => {
  const counts = new Map<string, number>();
  for (const operator of operators(inferenceModel(net, state, options))) {
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  assert.equal(counts.get("Conv"), 1 + 3 * 2 + 3, "stem, three blocks, three skip connections");
  assert.deepEqual([...counts.keys()].toSorted(), ["Add", "Conv", "MatMul", "ReduceMean", "Relu", "Softmax"]);
});

Deno.test("a temperature divides the logits of the probabilities, and leaves the logits", async () => {
  const model = inferenceModel(net, state, { ...options, temperature: 2 });
  await using exported = await ExportedModel.load(model, { input, imageShape, threads: 1 });
  const images = reference(net, 32, 2);
  assertClose(await exported.logits(images), images.logits, 1e-5);
  const powers = [...images.logits.subarray(0, 5)].map((logit) => Math.exp(logit / 2));
  const sum = powers.reduce((a, b) => a + b);
  assertClose((await exported.probabilities(images)).subarray(0, 5), powers.map((power) => power / sum), 1e-6);
});

Deno.test("the explanation is an output more, the Grad-CAM map of the network itself, for any batch", async () => {
  const model = inferenceModel(net, state, { ...options, explain: true });
  await using exported = await ExportedModel.load(model, { input, imageShape, threads: 1 });
  for (const count of [1, 3]) {
    const images = reference(net, 32, count);
    const inputs = Object.fromEntries(
      Object.entries(state).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
    );
    const { explanation: map } = explanation(net)({ ...inputs, images: tf.tensor(images.images, [count, 32, 32, 3]) });
    const maps = await exported.explanations(images);
    assert.deepEqual(maps.map(({ height, width }) => [height, width]), Array(count).fill([8, 8]));
    assertClose(Float32Array.from(maps.flatMap(({ values }) => [...values])), map!.dataSync(), 1e-5);
    assertClose(await exported.logits(images), images.logits, 1e-5);
  }
});

Deno.test("the exported ResNeXt has a convolution of the groups of all branches in every block", async () => {
  const net = shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 5 });
  const model = inferenceModel(net, trainedState(net), options);
  assert.equal(operators(model).filter((operator) => operator === "Conv").length, 1 + 3 * 3 + 3);
  assert.equal(operators(model).includes("Split"), false);
  await using exported = await ExportedModel.load(model, { input, imageShape, threads: 1 });
  const images = reference(net, 32, 2);
  assertClose(await exported.logits(images), images.logits, 1e-5);
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

const checker = await pythonWith("onnx.checker");

Deno.test({
  name: "another implementation's checker accepts the exported models (needs Python's onnx)",
  ignore: checker === undefined,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const paths: string[] = [];
      for (const opset of [13, 17, 19, 21]) {
        const input = "uint8-nhwc";
        for (const precision of precisions) {
          const path = `${folder}/${opset}-${precision}.onnx`;
          await Deno.writeFile(path, await modelIn(precision, { input, opset, explain: true }));
          paths.push(path);
        }
      }
      const script = "import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)";
      await outputOf(checker!, ["-c", script, ...paths]);
    }),
});

Deno.test("the features are a third output, of which the dense layer makes the logits, in every precision", async () => {
  const float32 = inferenceModel(net, state, { ...options, features: true });
  const images = reference(net, 32, 3);
  const [kernel, bias] = ["kernel", "bias"].map((name) => state[`weights/dense/${name}`]!.data);
  const fp16 = await reducedModel("fp16", float32, { tensorOf: () => null as never, threads: 1 }, {
    ...{ calibration: [], reduceRange: false },
  });
  for (const [model, tolerance] of [[float32, 1e-5], [fp16, 2e-2]] as const) {
    await using exported = await ExportedModel.load(model, { input, imageShape, threads: 1 });
    const features = await exported.features(images), logits = await exported.logits(images);
    assert.equal(features.length, 3 * 16);
    const dense = Array.from(logits, (_, at) => {
      const [image, label] = [Math.floor(at / 5), at % 5];
      return Array.from({ length: 16 }, (_, of) => features[image * 16 + of]! * kernel![of * 5 + label]!)
        .reduce((sum, value) => sum + value, bias![label]!);
    });
    assertClose(dense, logits, tolerance);
    assertClose(logits, images.logits, tolerance);
  }
});
