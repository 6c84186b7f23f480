import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { trace } from "../../../onnx/internal.ts";
import { useCpu } from "../../support/eager.ts";

await useCpu();

const kernels = () => {
  const { kernels } = trace(({ x }) => ({ y: tf.relu(tf.add(x!, 1)) }), { x: { shape: [null] } });
  return kernels.map(({ name }) => name);
};

Deno.test("a function is traced in TensorFlow.js's debug mode, without further warnings, and the mode stays on", () => {
  const { warn } = console, warnings: unknown[] = [];
  console.warn = (...words) => warnings.push(words);
  tf.env().set("DEBUG", true);
  try {
    assert.deepEqual(kernels(), ["Add", "Relu"]);
    assert.equal(tf.env().getBool("DEBUG"), true);
  } finally {
    tf.env().set("DEBUG", false);
    console.warn = warn;
  }
  assert.deepEqual(warnings, [[warnings.flat()[0]]]);
  assert.match(String(warnings[0]), /^Debugging mode is ON/);
});

Deno.test("a function is traced inside tf.profile, which measures the kernels beside", async () => {
  const profile = await tf.profile(() => {
    kernels();
    return tf.exp(1);
  });
  assert.deepEqual(profile.kernelNames, ["Exp"]);
});
