import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { eagerEngine } from "../../engine/eager.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { useCpu } from "../support/eager.ts";
import { type RunOptions, runSteps } from "../support/training_run.ts";

await useCpu();
const engine = eagerEngine("cpu", "cpu", "the reference");
const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 4 });
const run: RunOptions = { net, steps: 2, batch: 4, side: 8, shake: "shake-shake-image" };

Deno.test("an eager run leaves no tensors behind", async () => {
  const before = tf.memory().numTensors;
  await runSteps(engine, run);
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("an output that is an input is a tensor of its own", async () => {
  await using program = await engine.compile(({ x }) => ({ same: x! }), { x: { shape: [2] } });
  const x = engine.upload({ shape: [2], data: Float32Array.of(3, 4) });
  const { same } = await program.run({ x });
  x[Symbol.dispose]();
  assert.deepEqual(await same!.read(), { shape: [2], data: Float32Array.of(3, 4) });
  same![Symbol.dispose]();
});

Deno.test("a tensor that is returned under two names is two tensors", async () => {
  const twice = ({ x }: tf.NamedTensorMap) => {
    const y = tf.neg(x!);
    return { first: y, second: y };
  };
  await using program = await engine.compile(twice, { x: { shape: [2] } });
  using x = engine.upload({ shape: [2], data: Float32Array.of(3, 4) });
  const { first, second } = await program.run({ x });
  first![Symbol.dispose]();
  assert.deepEqual(await second!.read(), { shape: [2], data: Float32Array.of(-3, -4) });
  second![Symbol.dispose]();
});

Deno.test("a sum over processes is computed before the function goes on", async () => {
  const doubling = {
    sum: () => Promise.reject(new Error("the eager engine cannot wait")),
    sumNow: (values: Float32Array) => values.forEach((value, at) => values[at] = 2 * value),
  };
  const engine = eagerEngine("cpu", "cpu", "two equal processes", doubling);
  await using program = await engine.compile(
    ({ x }) => ({ sum: tf.add(engine.allReduce(x!), 1) }),
    { x: { shape: [2] } },
  );
  using x = engine.upload({ shape: [2], data: Float32Array.of(3, 4) });
  const { sum } = await program.run({ x });
  assert.deepEqual((await sum!.read()).data, Float32Array.of(7, 9));
  sum![Symbol.dispose]();
});
