import assert from "#assert";
import { printable, shortened, valueText } from "../../../pipeline/configuration/printable.ts";

Deno.test("control characters and marks of direction are escaped, new lines and tabs stay", () => {
  assert.equal(printable("a\x1b[31m\x00\x7f\x9b\u202e\n\tü"), "a\\u001b[31m\\u0000\\u007f\\u009b\\u202e\n\tü");
});

Deno.test("a long text is cut, never within a character, and stays on one line", () => {
  assert.equal(shortened("ab\ncd", 4), "ab\\nc…");
  assert.equal(shortened("abc😀", 4), "abc…");
  assert.equal(shortened("abcd", 4), "abcd");
});

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
