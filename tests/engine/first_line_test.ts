import assert from "#assert";
import { firstLine } from "../../engine/first_line.ts";

Deno.test("an error becomes the first line of its message", () => {
  assert.equal(firstLine(new Error("\nCannot find module\nRequire stack:\n- a.js")), "Cannot find module");
  assert.equal(firstLine("text"), "text");
});
