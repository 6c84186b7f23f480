import assert from "node:assert/strict";
import { kernelTable, kinds } from "../../onnx/lowerings/kernel_table.ts";
import { supportedKernels } from "../../onnx/mod.ts";
import { lowerings } from "../../onnx/lowerings/mod.ts";

const root = new URL("../../", import.meta.url);

Deno.test("docs/kernels.md is the table of lowerings; deno task kernels writes it", async () => {
  assert.equal(await Deno.readTextFile(new URL("docs/kernels.md", root)), kernelTable);
});

Deno.test("every lowering has its kind", () => {
  assert.deepEqual(Object.values(kinds).flat().sort(), Object.keys(lowerings).sort());
});

Deno.test("the supported kernels are TensorFlow.js's own", () => {
  assert.ok(supportedKernels.includes("Conv2DBackpropFilter"));
  assert.equal(supportedKernels.includes("GroupedConv2D"), false);
});

Deno.test("all of the library's interface is documented", async () => {
  const args = ["doc", "--lint", "onnx/mod.ts"];
  const { stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: root, env: { NO_COLOR: "1" } }).output();
  const problems = new TextDecoder().decode(stderr).split("\n").filter((line) => /^error\[/.test(line));
  // A tensor is TensorFlow.js's, whose own types are not this library's to document.
  const foreign = "error[private-type-ref]: public type 'NamedTensors' references private type 'Tensor'";
  assert.deepEqual(problems.filter((line) => line !== foreign), []);
});
