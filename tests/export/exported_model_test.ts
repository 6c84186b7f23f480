import * as tf from "@tensorflow/tfjs";
import { inferenceModel } from "../../export/inference_model.ts";
import { ExportedModel } from "../../export/exported_model.ts";
import { sizedForms } from "../../export/variants.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { imageShape, net, options, reference, state } from "../support/export_reference.ts";

await useCpu();

const input = "float32-nchw";

Deno.test("the exported model gives the network's logits and their soft-max, for any batch", async () => {
  const model = inferenceModel(net, state, options);
  await using exported = await ExportedModel.load(model, { input, imageShape, threads: 1 });
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
});

for (const form of sizedForms) {
  Deno.test(`the exported model takes ${form}`, async () => {
    const model = inferenceModel(net, state, { ...options, input: form });
    await using exported = await ExportedModel.load(model, { input: form, imageShape, threads: 1 });
    const images = reference(net, 32, 2);
    assertClose(await exported.logits(images), images.logits, 1e-5);
  });
}
