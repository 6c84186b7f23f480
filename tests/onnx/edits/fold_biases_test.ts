import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { foldBiases } from "../../../onnx/edits/fold_biases.ts";
import { ModelEditor } from "../../../onnx/file/model_editor.ts";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomTensor, useCpu } from "../../support/eager.ts";
import { operators } from "../../support/operators.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();
const shape = [2, 3, 6, 5], filter = randomTensor([3, 3, 3, 4], 1);

/** A model of channels-first images, and the same with its biases folded. */
function models(fn: (y: tf.Tensor) => Record<string, tf.Tensor>) {
  const graph = trace(({ x }) => {
    const image = tf.transpose(x as tf.Tensor4D, [0, 2, 3, 1]);
    return fn(tf.conv2d(image, filter as tf.Tensor4D, 1, "same"));
  }, { x: { shape } });
  const model = toOnnx(graph), editor = new ModelEditor(model);
  foldBiases(editor);
  return [model, editor.build()] as const;
}

const additions = (model: Uint8Array) => operators(model).filter((operator) => operator === "Add").length;

Deno.test("a number per filter that is added to a convolution is its bias", async () => {
  const [model, folded] = models((y) => ({ y: tf.relu(tf.add(y, randomArray([4], 2))) }));
  assert.deepEqual([additions(model), additions(folded)], [1, 0]);
  const x = { shape, data: randomArray(shape, 3) };
  const [before, after] = [await runOnnx(model, { x }), await runOnnx(folded, { x })];
  assertClose(after["y"]!.data, before["y"]!.data, 1e-5);
});

Deno.test("a convolution that something else reads too keeps its sum, and so does a number per pixel", () => {
  const [, shared] = models((y) => ({ y: tf.add(y, randomArray([4], 2)), z: tf.relu(y) }));
  assert.equal(additions(shared), 1);
  const [, perPixel] = models((y) => ({ y: tf.add(y, randomTensor([6, 5, 1], 2)) }));
  assert.equal(additions(perPixel), 1);
});

Deno.test("a convolution whose filter is computed keeps its sum", () => {
  const graph = trace(({ x, f }) => {
    const image = tf.transpose(x as tf.Tensor4D, [0, 2, 3, 1]);
    return { y: tf.add(tf.conv2d(image, f as tf.Tensor4D, 1, "same"), randomArray([4], 2)) };
  }, { x: { shape }, f: { shape: filter.shape } });
  const editor = new ModelEditor(toOnnx(graph));
  foldBiases(editor);
  assert.equal(additions(editor.build()), 1);
});
