import assert from "#assert";
import { valueText } from "../../../pipeline/configuration/printable.ts";

Deno.test("values of every type are short", () => {
  const values = ["x", 1.5, Infinity, null, undefined, true, [1, 2], { a: 1 }];
  assert.deepEqual(values.map(valueText), [
    '"x"',
    "1.5",
    "Infinity",
    "null",
    "undefined",
    "true",
    "a list",
    "an object",
  ]);
  assert.ok(valueText("x".repeat(1e6)).length < 90);
});
