/** Trains a CNN of TensorFlow.js's layers with onnxruntime, and exports it: `deno run -A examples/layers/train_cnn.ts`. */
import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import { adamW, compileTraining, traceModel } from "@shakenet/tfjs-onnx";
import { stream } from "../../data/random.ts";
import { drawPicture, shapeNames } from "../../data/shapes.ts";

const [file = "figures.onnx", pictures = "4000", epochs = "8"] = Deno.args;

/** Draws pictures of ten kinds of figures, and their classes. */
function draw(count: number, part: number) {
  const classes = Array.from({ length: count }, (_, at) => at % shapeNames.length);
  const pixels = classes.flatMap((label, at) => [...drawPicture(label, stream(1, "shapes", part, at))]);
  return {
    xs: tf.tensor4d(Float32Array.from(pixels, (x) => x / 128 - 1), [count, 32, 32, 3]),
    ys: tf.oneHot(tf.tensor1d(classes, "int32"), shapeNames.length),
  };
}

await tf.setBackend("cpu");
const { conv2d, batchNormalization, maxPooling2d, globalAveragePooling2d, dropout, dense } = tf.layers;
const block = (filters: number, inputShape?: [number, number, number]) => [
  conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu", ...inputShape && { inputShape } }),
  batchNormalization(),
  maxPooling2d({ poolSize: 2 }),
];
const model = tf.sequential({
  layers: [
    ...[...block(16, [32, 32, 3]), ...block(32), ...block(64)],
    ...[globalAveragePooling2d({}), dropout({ rate: 0.2 }), dense({ units: shapeNames.length, activation: "softmax" })],
  ],
});

const options = { loss: "categoricalCrossentropy", metrics: ["accuracy"], optimizer: adamW({ learningRate: 0.003 }) };
await using training = await compileTraining(model, { ...options, runtime: ort });
const onEpochEnd = (epoch: number, logs?: tf.Logs) => console.log(`epoch ${epoch + 1}: loss ${logs!["loss"]}`);
await training.fit(draw(Number(pictures), 0), {
  epochs: Number(epochs),
  batchSize: 64,
  callbacks: { onEpochEnd },
});
console.log(`accuracy on new pictures: ${(await training.evaluate(draw(500, 1)))["acc"]}`);
await Deno.writeFile(file, traceModel(model, { description: "Figures", metadata: { labels: shapeNames.join() } }));
