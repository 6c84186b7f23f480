import assert from "#assert";

/** Types of TensorFlow.js in the interface. */
const TENSORFLOW = [
  ...["Tensor", "Rank", "Variable", "TensorContainer", "Dataset", "LayersModel", "ModelCompileArgs", "History"],
  ...["GraphModel", "Optimizer", "AdamOptimizer", "ConfigDict", "Callback", "CustomCallback", "CustomCallbackArgs"],
];

const root = new URL("../../", import.meta.url);

Deno.test("all of the library's interface is documented", async () => {
  const args = ["doc", "--lint", "onnx/mod.ts"];
  const { stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root, env: { NO_COLOR: "1" } }).output();
  const problems = new TextDecoder().decode(stderr).split("\n").filter((line) => /^error\[/.test(line));
  // Tensors, layers, optimizers and callbacks are TensorFlow.js's, whose own types are not this library's to document.
  const foreign = new RegExp(`references private type '(${TENSORFLOW.join("|")})'$`);
  assert.deepEqual(problems.filter((line) => !foreign.test(line)), []);
});
