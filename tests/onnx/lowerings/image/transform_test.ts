import * as tf from "@tensorflow/tfjs";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { assertClose } from "../../../support/assert_close.ts";
import { randomArray } from "../../../support/random_tensors.ts";
import { runOnnx } from "../../../support/run_onnx.ts";

const image = [3, 6, 5, 2];
const map = (x: tf.Tensor, maps: tf.Tensor) =>
  tf.image.transform(x as tf.Tensor4D, maps as tf.Tensor2D, "bilinear", "reflect");

// TensorFlow.js's CPU backend maps the first image of a batch only.
for (const count of [1, 3]) {
  Deno.test(`every image of a batch is mapped as it is alone, by ${count === 1 ? "one map" : "its own map"}`, async () => {
    const x = randomArray(image, 1), maps = randomArray([count, 8], 2).map((number) => number / 8);
    const inputs = { x: { shape: image }, maps: { shape: [count, 8] } };
    const model = toOnnx(trace(({ x, maps }) => ({ y: map(x!, maps!) }), inputs));
    const { y } = await runOnnx(model, { x: { shape: image, data: x }, maps: { shape: [count, 8], data: maps } });
    const images = tf.tensor(x, image), each = tf.tensor(maps, [count, 8]);
    const alone = [0, 1, 2].map((at) => map(tf.slice(images, at, 1), tf.slice(each, count === 1 ? 0 : at, 1)));
    assertClose(y!.data, tf.concat(alone).dataSync(), 1e-5);
  });
}
