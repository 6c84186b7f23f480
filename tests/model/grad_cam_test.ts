import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { explanation, gradCam } from "../../model/grad_cam.ts";
import { selectEngine } from "../../engine/select.ts";
import { disposeAll, uploadAll } from "../../engine/engine.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { inferenceInputs } from "../../pipeline/evaluation/classifier.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { randomArray } from "../support/random_tensors.ts";
import { trainedState } from "../support/trained_state.ts";

await useCpu();

Deno.test("behind a mean and a dense layer the map is the class's weights times the feature maps, over the places", () => {
  // There Grad-CAM equals CAM (Selvaraju et al. 2017, section 3.1), up to the number of places.
  const maps = tf.tensor4d(randomArray([2, 3, 4, 5], 1), [2, 3, 4, 5]),
    kernel = tf.tensor2d(randomArray([5, 6], 2), [5, 6]);
  const logitsOf = (maps: tf.Tensor4D): tf.Tensor2D => tf.matMul(tf.mean<tf.Tensor2D>(maps, [1, 2]), kernel);
  const classes = tf.argMax(logitsOf(maps), 1).arraySync() as number[];
  const values = maps.arraySync(), weights = kernel.arraySync();
  const expected = values.flatMap((image, at) =>
    image.flatMap((row) =>
      row.map((place) => Math.max(0, place.reduce((sum, value, k) => sum + value * weights[k]![classes[at]!]!, 0) / 12))
    )
  );
  assertClose(gradCam(maps, logitsOf).dataSync(), expected, 1e-6);
});

Deno.test("traced, the explanation of a network is the eager one, with a value above 0", async () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 5 });
  const state = trainedState(net), images = { shape: [3, 32, 32, 3], data: randomArray([3, 32, 32, 3], 4) };
  const { engine } = await selectEngine("onnxruntime", { device: "cpu", threads: 1 });
  const eager = explanation(net)({
    ...Object.fromEntries(Object.entries(state).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])])),
    images: tf.tensor(images.data, images.shape),
  });
  await using program = await engine.compile(explanation(net), inferenceInputs(net, [32, 32, 3]));
  const inputs = uploadAll(engine, { ...state, images });
  const outputs = await program.run(inputs);
  const { data, shape } = await outputs["explanation"]!.read();
  assert.deepEqual(shape, [3, 8, 8]);
  assertClose(data as Float32Array, eager["explanation"]!.dataSync(), 1e-5);
  assert.ok(data.some((value) => value > 0));
  disposeAll({ ...inputs, ...outputs });
});
