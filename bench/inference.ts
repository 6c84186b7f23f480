/**
 * Prints the images per second of the median run of exported models in onnxruntime: the merged network in float32 and int8,
 * and the trained network branch by branch. The models take turns.
 *
 *     deno run ... bench/inference.ts [--width 32] [--batch 128] [--threads N] [--steps 5] [--models FOLDER]
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { trainingBatches } from "../data/batches.ts";
import { configureTensorFlowJs } from "../engine/library_settings.ts";
import { median } from "../engine/median.ts";
import { onnxruntime } from "../engine/onnxruntime.ts";
import { ExportedModel, type Images } from "../export/exported_model.ts";
import { inferenceModel, tensorsOf } from "../export/inference_model.ts";
import { reducedModel } from "../export/reduced_model.ts";
import { toOnnx, trace } from "../onnx/internal.ts";
import { batch, batchOptions, dataset, modelFolder, net, state, steps, threads } from "./subject.ts";

configureTensorFlowJs(tf);
const { mean, std } = dataset;
const imageShape = dataset.imageShape as [number, number, number];
const load = (model: Uint8Array) => ExportedModel.load(model, { input: "float32-nchw", imageShape, threads });
const { images } = trainingBatches(dataset, batchOptions)(0);
const input: Images = { count: batch, images, pixels: new Uint8Array(images.length) };

/** The state of a trained network: its convolutions have biases once batch norm is folded. */
const trained = Object.fromEntries(
  Object.entries(state).map(([name, tensor]) => [
    name,
    /\/(beta|movingMean)$/.test(name) ? { ...tensor, data: tensor.data.map((_, at) => Math.sin(at) / 10) } : tensor,
  ]),
);
const merged = inferenceModel(net, trained, {
  opset: 17,
  imageShape,
  normalisation: { mean, std },
  description: "",
  metadata: {},
});
await using float32 = await load(merged);
const reduced = await reducedModel("int8", merged, float32, { calibration: [input], reduceRange: false });

/** Writes the network branch by branch, with its weights as constants. */
function plainModel(): Uint8Array {
  const values = tensorsOf(trained);
  const graph = trace(({ image }) => {
    const natural = tf.transpose(image as tf.Tensor4D, [0, 2, 3, 1]);
    const logits = net.logits(natural, { training: false, values, statistics: {} });
    return { logits, probabilities: tf.softmax(logits) };
  }, { image: { shape: [null, imageShape[2], imageShape[0], imageShape[1]] } });
  return toOnnx(graph);
}

await using plain = await load(plainModel());
await using int8 = await load(reduced);
if (modelFolder) {
  await Deno.writeFile(`${modelFolder}/infer.onnx`, merged);
  await Deno.writeFile(`${modelFolder}/int8.onnx`, reduced);
}
const models = { infer: float32, plain, int8 };
const seconds: Record<string, number[]> = { infer: [], plain: [], int8: [] };
for (let step = -1; step < steps; step++) {
  for (const [name, model] of Object.entries(models)) {
    const begun = performance.now();
    await model.logits(input);
    if (step >= 0) seconds[name]!.push((performance.now() - begun) / 1000);
  }
}
for (const [name, times] of Object.entries(seconds)) {
  console.log(`${name} ${(batch / median(times)).toFixed(2)} images/s`);
}
const { versions } = onnxruntime().env;
console.log(`version onnxruntime ${versions.node ?? versions.common}`);
