/** The compiled training step against the eager one: the same network, images and draws, in other arithmetic. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { selectEngine } from "../../engine/select.ts";
import type { ShakeModeName } from "../../model/shake_factors.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { type RunOptions, runSteps } from "../support/training_run.ts";

/** The largest difference of a tensor's elements, relative to its largest element (or to 0.001, for those that are all about 0). */
function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0, largest = 1e-3;
  for (let at = 0; at < expected.length; at++) {
    difference = Math.max(difference, Math.abs(actual[at]! - expected[at]!));
    largest = Math.max(largest, Math.abs(expected[at]!));
  }
  return difference / largest;
}

const options = (width: number, branches: number, side: number, shake: ShakeModeName): RunOptions => ({
  net: shakeNet({ depth: 8, width, branches, classes: 4 }),
  steps: 10,
  batch: 4,
  side,
  shake,
});

const runs: Record<string, RunOptions> = {
  "2 branches, shake-shake-image": options(2, 2, 12, "shake-shake-image"),
  "3 branches, even-even-batch": options(2, 3, 8, "even-even-batch"),
  "filters that fill onnxruntime's blocks, shake-keep-batch": options(16, 2, 8, "shake-keep-batch"),
};

for (const [name, run] of Object.entries(runs)) {
  Deno.test(`ten compiled steps equal ten eager steps to 1e-5: ${name}`, async () => {
    const { engine: eager } = await selectEngine("cpu");
    const { engine: compiled } = await selectEngine("onnxruntime");
    const expected = await runSteps(eager, run), actual = await runSteps(compiled, run);
    assert.deepEqual(Object.keys(actual.state), Object.keys(expected.state));
    const differences = Object.entries(expected.state).map(([key, { data }]) => ({
      key,
      difference: relativeDifference(actual.state[key]!.data, data),
    }));
    differences.push({ key: "losses", difference: relativeDifference(actual.losses, expected.losses) });
    const worst = differences.reduce((a, b) => b.difference > a.difference ? b : a);
    assert.ok(worst.difference <= 1e-5, `${worst.key} differs by ${worst.difference}`);
  });
}

Deno.test("the compiled step gives the same bytes with one thread and with two", async () => {
  const run = { ...runs["2 branches, shake-shake-image"]!, steps: 3 };
  const [one, two] = await Promise.all(
    [1, 2].map(async (threads) => runSteps((await selectEngine("onnxruntime", { threads })).engine, run)),
  );
  assert.deepEqual(one, two);
});

Deno.test("an eager run leaves no tensors behind", async () => {
  const { engine } = await selectEngine("cpu");
  const before = tf.memory().numTensors;
  await runSteps(engine, { ...runs["2 branches, shake-shake-image"]!, steps: 2 });
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("auto takes onnxruntime where TensorFlow's native library does not load or sees no GPU", async () => {
  const { engine, reason } = await selectEngine("auto");
  if (engine.name === "onnxruntime") assert.match(reason, /TensorFlow's native library (is not installed|sees no GPU)/);
  else assert.match(reason, /sees a GPU/);
});
