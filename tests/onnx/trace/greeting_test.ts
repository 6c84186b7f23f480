import assert from "#assert";

/** Runs a program of TensorFlow.js in a process of its own and returns all that it prints. */
async function printed(...lines: readonly string[]): Promise<string> {
  const args = ["eval", `import * as tf from "@tensorflow/tfjs";\n${lines.join("\n")}`];
  const cwd = new URL("../../../", import.meta.url);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd, env: { NO_COLOR: "1" } })
    .output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, text);
  return text;
}

// Without the side-effect import the compiler drops an import that a program does not use.
const IMPORT = 'import "@shakenet/tfjs-onnx"; import { trace } from "@shakenet/tfjs-onnx";';

Deno.test("TensorFlow.js greets a program that does not import the tracer", async () => {
  assert.match(await printed("tf.tensor([1]);"), /Hi, looks like you are running TensorFlow.js in Node.js/);
});

Deno.test("a program that imports the tracer is not greeted: at its first tensor, in a trace, on a chosen backend", async () => {
  const traced = "trace(({ x }) => ({ y: tf.add(tf.mul(tf.tensor([2]), 3), x) }), { x: { shape: [1] } });";
  assert.equal(await printed(IMPORT, "tf.tensor([1]);", traced), "");
  assert.equal(await printed(IMPORT, traced, "tf.tensor([1]);"), "");
  assert.equal(await printed(IMPORT, 'await tf.setBackend("cpu");', "tf.tensor([1]);"), "");
});

Deno.test("a program that imports the tracer still sees TensorFlow.js's warnings", async () => {
  const twice = 'tf.registerKernel({ kernelName: "Add", backendName: "cpu", kernelFunc: () => [] });';
  assert.match(await printed(IMPORT, twice), /'Add' for backend 'cpu' is already registered/);
});
