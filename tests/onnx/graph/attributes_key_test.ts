import assert from "#assert";
import { attributesKey } from "../../../onnx/graph/attributes_key.ts";

const numbers = [NaN, Infinity, -Infinity, 0, -0, 1, "NaN", null];

Deno.test("attributes that differ only in a special number have different keys", () => {
  assert.equal(new Set(numbers.map((value) => attributesKey({ value }))).size, numbers.length);
  assert.equal(new Set(numbers.map((value) => attributesKey([["pads", [value]]]))).size, numbers.length);
});

Deno.test("equal attributes have equal keys", () => {
  for (const value of numbers) assert.equal(attributesKey({ value, axis: [1] }), attributesKey({ value, axis: [1] }));
});
