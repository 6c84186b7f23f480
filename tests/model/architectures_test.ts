import assert from "#assert";
import { buildNetwork } from "../../model/architectures.ts";

const options = { depth: 29, width: 4, branches: 2, classes: 3, groups: 2, skip: true, batchNorm: false };

Deno.test("an architecture is built by its name, from the options that it has", () => {
  const resnext = buildNetwork({ ...options, architecture: "resnext" });
  assert.equal(resnext.title, "ShakeResNeXt-29 2x2x4d");
  const resnet = buildNetwork({ ...options, architecture: "resnet", depth: 26 });
  assert.equal(resnet.title, "ShakeNet-26 2x4d");
  assert.deepEqual(resnet.variables.filter(({ name }) => name.endsWith("/gamma")), [], "no batch norm");
});

Deno.test("a depth that the architecture does not have is refused", () => {
  assert.throws(() => buildNetwork({ ...options, architecture: "resnet" }), /depth 29 is not 6 k \+ 2/);
  assert.throws(() => buildNetwork({ ...options, architecture: "resnext", depth: 26 }), /depth 26 is not 9 k \+ 2/);
});
