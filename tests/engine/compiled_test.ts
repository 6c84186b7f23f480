import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { useCpu } from "../support/eager.ts";
import { assertEqualRuns } from "../support/equal_runs.ts";
import { type RunOptions, runSteps } from "../support/training_run.ts";

await useCpu();
const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 4 });
const run: RunOptions = { net, steps: 3, batch: 4, side: 8, shake: "shake-shake-image" };

const runWith = async (threads: number) => {
  await using engine = await compiledEngine({ threads });
  return await runSteps(engine, run);
};

Deno.test("the compiled step gives the same bytes again, with one thread and with two", async () => {
  const [one, two] = [await runWith(1), await runWith(2)];
  assert.deepEqual(await runWith(1), one);
  assert.deepEqual(await runWith(2), two);
  // onnxruntime may add products in another order when threads share them differently.
  assertEqualRuns(two, one, 1e-6 * run.steps);
});

Deno.test("a disposed program runs no more", async () => {
  await using engine = await compiledEngine({ threads: 1 });
  const program = await engine.compile(({ x }) => ({ y: x!.add(1) }), { x: { shape: [2] } });
  const x = engine.upload({ shape: [2], data: Float32Array.of(1, 2) });
  const { y } = await program.run({ x });
  assert.deepEqual(await y!.read(), { shape: [2], data: Float32Array.of(2, 3) });
  await program[Symbol.asyncDispose]();
  await assert.rejects(program.run({ x }));
});
