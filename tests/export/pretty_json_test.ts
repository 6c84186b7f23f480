import assert from "#assert";
import { prettyJson } from "../../export/pretty_json.ts";

Deno.test("JSON is indented by two spaces and ends with a newline", () => {
  assert.equal(prettyJson({ a: [1], b: null }), '{\n  "a": [\n    1\n  ],\n  "b": null\n}\n');
});
