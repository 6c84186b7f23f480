import assert from "#assert";
import { isAbsolute } from "node:path";
import { bindingFile, buildFolder } from "../../engine/tensorflow.ts";

Deno.test("a build is a folder of the file system below .cache, with its binding", () => {
  assert.ok(isAbsolute(buildFolder("cpu")));
  assert.match(buildFolder("cuda"), /[/\\]\.cache[/\\]tensorflow[/\\]cuda$/);
  assert.equal(bindingFile("cpu"), `${buildFolder("cpu")}/tfjs_binding.node`);
});
