import assert from "#assert";
import { exactJson } from "../../../onnx/graph/exact_json.ts";

const numbers = [NaN, Infinity, -Infinity, 0, -0, 1, "NaN", null];

Deno.test("values that differ only in a special number are written differently", () => {
  assert.equal(new Set(numbers.map((value) => exactJson({ value }))).size, numbers.length);
  assert.equal(new Set(numbers.map((value) => exactJson([["pads", [value]]]))).size, numbers.length);
});

Deno.test("equal values are written alike", () => {
  for (const value of numbers) assert.equal(exactJson({ value, axis: [1] }), exactJson({ value, axis: [1] }));
});
