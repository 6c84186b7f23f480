import assert from "#assert";
import { eagerEngine } from "../../engine/eager.ts";
import { type DeviceTensor, disposeAll, readAll, uploadAll } from "../../engine/engine.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();

Deno.test("tensors that are uploaded by name are read by the same names", async () => {
  const tensors = {
    a: { shape: [2], data: Float32Array.of(1, 2) },
    b: { shape: [1, 1], data: Int32Array.of(3) },
  };
  const uploaded = uploadAll(eagerEngine("cpu", "cpu", "the reference"), tensors);
  assert.deepEqual(await readAll(uploaded), tensors);
  disposeAll(uploaded);
});

Deno.test("all tensors are disposed of", () => {
  const disposed: string[] = [];
  const tensor = (name: string) => ({ [Symbol.dispose]: () => void disposed.push(name) }) as DeviceTensor;
  disposeAll({ a: tensor("a"), b: tensor("b") });
  assert.deepEqual(disposed, ["a", "b"]);
});
