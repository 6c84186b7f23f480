import assert from "#assert";
import { selectEngine } from "../../engine/select.ts";

Deno.test("a device that cannot be used says why and what to do", async () => {
  for (const device of ["webgpu", "cuda"] as const) {
    const error = await selectEngine("onnxruntime", { device }).then(() => undefined, (error: Error) => error);
    if (error) {
      assert.match(error.message, new RegExp(`^device ${device} cannot be used: .+; .+, or use --device cpu$`));
    }
  }
});
