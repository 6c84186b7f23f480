import assert from "#assert";
import { BLOCKED, COLLECTIVE, ONNX, opsetImports } from "../../../onnx/file/domains.ts";

Deno.test("a model imports ONNX's operators in its opset, and once each other domain that its nodes have", () => {
  assert.deepEqual(opsetImports([BLOCKED, ONNX, COLLECTIVE, BLOCKED], 18), [
    { domain: "", version: 18n },
    { domain: "com.microsoft.nchwc", version: 1n },
    { domain: "collective", version: 1n },
  ]);
  assert.deepEqual(opsetImports([], 13), [{ domain: "", version: 13n }]);
});
