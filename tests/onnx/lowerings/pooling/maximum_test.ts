import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../../onnx/internal.ts";
import { useCpu } from "../../../support/eager.ts";
import { randomArray } from "../../../support/random_tensors.ts";
import { runOnnx } from "../../../support/run_onnx.ts";

await useCpu();

const gradient = tf.grad((x) => tf.sum(tf.square(tf.maxPool(x as tf.Tensor4D, [4, 1], [2, 2], "valid"))));

for (const specialValues of ["fast", "exact"] as const) {
  Deno.test(`the gradient of an image of unknown sides that is smaller than the window is zero, ${specialValues}`, async () => {
    const shape = [2, null, null, 1], graph = trace(({ x }) => ({ dx: gradient(x!) }), { x: { shape } });
    const model = toOnnx(graph, { specialValues });
    for (const sides of [[3, 2], [2, 3], [7, 4]]) {
      const size = [2, ...sides, 1], data = randomArray(size, 1);
      const { dx } = await runOnnx(model, { x: { shape: size, data } });
      assert.deepEqual(dx, { shape: size, data: gradient(tf.tensor(data, size)).dataSync() });
    }
  });
}
