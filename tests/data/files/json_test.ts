import assert from "#assert";
import { jsonFault, parseJson } from "../../../data/files/json.ts";

Deno.test("JSON is read, other text is not", () => {
  assert.deepEqual(parseJson('{"a": [1, "b", null], "c": {"a": 1}}'), { a: [1, "b", null], c: { a: 1 } });
  assert.equal(parseJson("{"), undefined);
  assert.equal(parseJson('"\\'), undefined);
});

Deno.test("a key that stands twice in an object is damage, also if it is written another way", () => {
  assert.equal(jsonFault('{"a": 1, "b": {"a": 2}, "a": 3}'), "has a twice");
  assert.equal(jsonFault('[{"a\\\\": 1, "\\u0061\\\\" : 2}]'), "has a\\ twice");
  assert.equal(parseJson('{"a": 1, "a": 1}'), undefined);
});

Deno.test("signs within strings are no structure", () => {
  const value = { "{": '"a": ', "[": "\\", "a": ['"', "}", "a", "a"], "\\": 1, '\\"': 2 };
  assert.deepEqual(parseJson(JSON.stringify(value)), value);
});

Deno.test("nesting of a million lists is refused at once", () => {
  const deep = "[".repeat(1e6) + "]".repeat(1e6);
  assert.equal(jsonFault(deep), "is nested more than 64 deep");
  assert.equal(parseJson(`{"settings": ${deep}}`), undefined);
  assert.notEqual(parseJson("[".repeat(64) + "]".repeat(64)), undefined);
});

Deno.test("a name of all objects is a key like others", () => {
  const value = parseJson('{"__proto__": 1, "constructor": 2}') as object;
  assert.deepEqual(Object.entries(value), [["__proto__", 1], ["constructor", 2]]);
});
