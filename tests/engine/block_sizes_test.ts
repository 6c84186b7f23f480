/** A training step in blocks of each size: those of processors with AVX-512, with AVX2, and of others. */
import assert from "#assert";
import { blockSize } from "../../engine/block_size.ts";
import { outputName, toOnnx, trace } from "../../onnx/internal.ts";
import { trainingStep } from "../../model/training_step.ts";
import { cases } from "../support/equality_cases.ts";
import { stepsInDouble } from "../support/equal_steps.ts";
import { assertWithin } from "../support/in_double.ts";
import { runOnnx } from "../support/run_onnx.ts";
import { firstState, inputsOf } from "../support/training_run.ts";
import { withoutBlocks } from "../support/without_blocks.ts";

const name = "filters that fill onnxruntime's blocks", run = cases[name]!;
const state = firstState(run);
using double = stepsInDouble();

/** Inputs where no ReLU is near zero, and what the step makes of them. */
let draw = 0, exact;
do exact = await double.exact({ run: name, state, inputs: [inputsOf(run, draw)], smooth: true }); while (
  !exact && draw++ < 100
);
assert.ok(exact);
const inputs = { ...state, ...inputsOf(run, draw) };
const bounds = await double.bounds({ run: name, state, inputs: [inputsOf(run, draw)], smooth: false }, exact);

const graph = trace(
  trainingStep(run.net, { momentum: 0.9, weightDecay: 1e-2 }),
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, data }]) => [
      name,
      { shape, dtype: data instanceof Int32Array ? "int32" : "float32" },
    ]),
  ),
);

async function assertEqual(model: Uint8Array, what: string): Promise<void> {
  const results = await runOnnx(model, inputs);
  const { losses: _, ...states } = exact!;
  const named = Object.fromEntries(Object.keys(states).map((name) => [name, results[outputName(graph, name)]!]));
  const actual = { ...named, losses: { shape: [1], data: results[outputName(graph, "loss")]!.data } };
  console.log(assertWithin(actual, exact!, bounds, what).text);
}

const own = await blockSize();
for (const block of [4, 8, 16]) {
  Deno.test(`a step in blocks of ${block} channels is one in double precision but for rounding`, async () => {
    const model = toOnnx(graph, { block, savesMemory: true, hasFiniteFactors: true });
    await assertEqual(withoutBlocks(model, block), `standard operators for blocks of ${block}`);
    if (block === own) await assertEqual(model, `onnxruntime's own blocks of ${block}`);
  });
}

Deno.test("a step without blocks is one in double precision but for rounding", async () => {
  await assertEqual(toOnnx(graph), "portable operators");
});
