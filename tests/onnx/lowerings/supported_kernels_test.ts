import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { ALL_REDUCE } from "../../../onnx/trace/all_reduce.ts";
import { supportedKernels } from "../../../onnx/lowerings/supported_kernels.ts";

const registered = new Set(tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName));

Deno.test("the supported kernels are kernels of TensorFlow.js, in alphabetical order", () => {
  assert.ok(supportedKernels.includes("Conv2DBackpropFilter"));
  assert.deepEqual(supportedKernels.filter((kernel) => !registered.has(kernel)), []);
  assert.deepEqual(supportedKernels, supportedKernels.toSorted());
});

Deno.test("kernels that this library adds to TensorFlow.js, or that passes make, are not among them", () => {
  assert.ok(registered.has(ALL_REDUCE));
  for (const kernel of [ALL_REDUCE, "GroupedConv2D", "ScaleShift"]) {
    assert.equal(supportedKernels.includes(kernel), false);
  }
});
