import assert from "#assert";
import { onOneLine, printable, shortened } from "../../data/printable.ts";

Deno.test("control characters, line separators and marks of direction are escaped, new lines and tabs stay", () => {
  const text = "a\x1b[31m\x00\x7f\x9b\u2028\u202e\u2066\u061c\n\tü😀";
  assert.equal(printable(text), "a\\u001b[31m\\u0000\\u007f\\u009b\\u2028\\u202e\\u2066\\u061c\n\tü😀");
});

Deno.test("in JSON an escape stands for its character", () => {
  const value = { "a\x9b": "\u202e\x1b\u2029" };
  assert.deepEqual(JSON.parse(printable(JSON.stringify(value))), value);
});

Deno.test("a text on one line has no line breaks", () => {
  assert.equal(onOneLine("a\nb\tc\r"), "a\\nb\\tc\\u000d");
});

Deno.test("a long text is cut, never within a character, and stays on one line", () => {
  assert.equal(shortened("ab\ncd", 4), "ab\\nc…");
  assert.equal(shortened("abc😀", 4), "abc…");
  assert.equal(shortened("abcd", 4), "abcd");
});
