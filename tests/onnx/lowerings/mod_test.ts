import assert from "#assert";
import { collectiveLowerings } from "../../../onnx/lowerings/collective.ts";
import { fusedLowerings, kinds, lowerings } from "../../../onnx/lowerings/mod.ts";

const names = [...kinds.map(({ lowerings }) => lowerings), collectiveLowerings, fusedLowerings].flatMap(Object.keys);

Deno.test("no two lowerings have the same name", () => {
  assert.deepEqual(names.filter((name, at) => names.indexOf(name) !== at), []);
  assert.deepEqual(Object.keys(lowerings).sort(), names.toSorted());
});

for (const { file, lowerings } of kinds) {
  Deno.test(`the kernels of ${file} are listed there and in a test of their own`, async () => {
    const source = new URL(`../../../onnx/lowerings/${file}`, import.meta.url);
    const listed = Object.values(await import(source.href)).filter((exported) => exported === lowerings);
    assert.equal(listed.length, 1);
    const test = await Deno.readTextFile(new URL(file.replace(".ts", "_test.ts"), import.meta.url));
    assert.match(test, /testLowerings\(Object\.keys\(\w+Lowerings\)/);
  });
}
