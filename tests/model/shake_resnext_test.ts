import assert from "#assert";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

Deno.test("ResNeXt-29 2x4x64d has the 34.4 million parameters of ResNeXt-29 8x64d (Xie et al. 2017, table 7)", () => {
  const { variables, blocks } = shakeResNeXt({ depth: 29, width: 64, groups: 4, branches: 2, classes: 10 });
  const sizes = variables.filter(({ kind }) => kind === "weight").map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  assert.equal((sizes.reduce((a, b) => a + b) / 1e6).toFixed(1), "34.4");
  assert.deepEqual([...new Set(blocks.map(({ filters }) => filters))], [256, 512, 1024]);
  assert.equal(blocks.length, 9);
});
