import assert from "#assert";
import { selectEngine } from "../../engine/select.ts";

Deno.test("auto takes onnxruntime where a device is asked for, or TensorFlow does not load or sees no GPU", async () => {
  const { engine: asked } = await selectEngine("auto", { device: "cpu" });
  assert.match(asked.description, /^onnxruntime .* on the CPU/);
  const { engine, reason } = await selectEngine("auto");
  if (engine.name === "onnxruntime") assert.match(reason, /TensorFlow's native library (is not installed|sees no GPU)/);
  else assert.match(reason, /sees a GPU/);
});
