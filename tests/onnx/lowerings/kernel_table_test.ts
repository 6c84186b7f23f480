import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { type ComparedCalls, kernelTable } from "../../../onnx/lowerings/kernel_table.ts";
import { supportedKernels } from "../../../onnx/lowerings/supported_kernels.ts";
import { inexpressible } from "../../../onnx/trace/tensorflow_kernels.ts";

const docs = new URL("../../../docs/", import.meta.url);
const compared: ComparedCalls = JSON.parse(await Deno.readTextFile(new URL("results/differential.json", docs)));
const table = kernelTable(compared);

Deno.test("docs/kernels.md is the table of kernels; deno task kernels writes it", async () => {
  assert.equal(await Deno.readTextFile(new URL("kernels.md", docs)), table);
});

Deno.test("every supported kernel links to its file", async () => {
  for (const [, path] of table.matchAll(/\]\((.*?)\)/g)) {
    assert.ok((await Deno.stat(new URL(path!, docs))).isFile);
  }
});

Deno.test("every kernel of TensorFlow.js is supported or has a reason", () => {
  const supported = [...supportedKernels, "Identity", "AllReduce"];
  const others = tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName)
    .filter((kernel) => !supported.includes(kernel));
  assert.deepEqual(others.filter((kernel) => !(kernel in inexpressible)), []);
  assert.deepEqual(supported.filter((kernel) => kernel in inexpressible), []);
});

Deno.test("every supported kernel was compared with TensorFlow.js", () => {
  assert.deepEqual(supportedKernels.filter((kernel) => !compared.kernels[kernel]), []);
});
