import assert from "#assert";
import { initialise } from "../../model/initialise.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();

Deno.test("weights begin Glorot-uniform, biases at 0.1, batch norm at 1, 0, 0 and 1", () => {
  const net = shakeNet({ depth: 8, width: 16, branches: 2, classes: 10 });
  const initial = initialise(net.variables, uniformNumbers);
  const kernel = initial["stage1/block1/branch1/conv2/kernel"]!;
  assert.deepEqual(kernel.shape, [3, 3, 16, 16]);
  const limit = Math.sqrt(6 / (9 * 16 + 9 * 16));
  const variance = kernel.data.reduce((sum, x) => sum + x * x, 0) / kernel.data.length;
  assert.ok(kernel.data.every((x) => Math.abs(x) <= limit));
  assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.06, `${variance}`);
  const bn = (part: string) => initial[`stem/bn/${part}`]!.data[0];
  assert.deepEqual([initial["dense/bias"]!.data[0], bn("gamma"), bn("beta"), bn("movingMean"), bn("movingVariance")], [
    Math.fround(0.1),
    1,
    0,
    0,
    1,
  ]);
});
