/** The training step on every engine and device: the same network, images and draws, in other arithmetic. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { disposeAll, type Engine, uploadAll } from "../../engine/engine.ts";
import { deviceNames } from "../../engine/engine_names.ts";
import { selectEngine, type Selection } from "../../engine/select.ts";
import { relativeModes, type ShakeModeName } from "../../model/shake_factors.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { assertEqualRuns } from "../support/equal_runs.ts";
import { assertEqualSteps, assertEqualStepsOf } from "../support/equal_steps.ts";
import { useQuickFilterGradient } from "../support/filter_gradient.ts";
import { compileRun, type RunOptions, runSteps } from "../support/training_run.ts";

useQuickFilterGradient();

const small = { depth: 8, width: 2, branches: 2, classes: 4 };
const base = { net: shakeNet(small), steps: 3, batch: 4, side: 8, shake: "shake-shake-image" } satisfies RunOptions;

/** The rows of the paper's tables 1 and 4; those of table 4 are at image level. */
const table1 = [
  "even-even-batch",
  "even-shake-batch",
  "shake-keep-batch",
  "shake-even-batch",
  "shake-shake-batch",
  "even-shake-image",
  "shake-keep-image",
  "shake-even-image",
  "shake-shake-image",
] as const satisfies readonly ShakeModeName[];
const table4 = relativeModes.map((mode) => `shake-${mode}-image` as const);

/** Runs of one graph: the factors are inputs of the step. */
const draws: Record<string, RunOptions> = {
  ...Object.fromEntries([...table1, ...table4].map((shake) => [shake, { ...base, shake, steps: 1 }])),
  "uniform sampling": { ...base, sampling: "uniform", steps: 1 },
};

const engines = async () => ({
  eager: (await selectEngine("cpu")).engine,
  compiled: (await selectEngine("onnxruntime", { device: "cpu", threads: 1 })).engine,
});

Deno.test("a compiled step equals an eager one but for rounding, with the draws of", async (t) => {
  const { eager, compiled } = await engines();
  await using program = await compileRun(compiled, base);
  for (const [name, run] of Object.entries(draws)) {
    await t.step(name, () => assertEqualStepsOf(compiled, program, eager, run));
  }
});

const runs: Record<string, RunOptions> = {
  "3 branches, images of 12 x 12": { ...base, net: shakeNet({ ...small, branches: 3 }), side: 12 },
  "filters that fill onnxruntime's blocks": {
    ...base,
    net: shakeNet({ ...small, width: 16 }),
    shake: "shake-keep-batch",
    steps: 1,
    batch: 2,
  },
  "without skip connections": { ...base, net: shakeNet({ ...small, skip: false }), side: 12 },
  "without batch norm": { ...base, net: shakeNet({ ...small, batchNorm: false }) },
  "convolutions in tiles of rows": { ...base, net: shakeNet({ ...small, width: 64 }), steps: 1, batch: 2 },
  "ResNeXt": {
    ...base,
    net: shakeResNeXt({ depth: 11, width: 2, groups: 2, branches: 2, classes: 4 }),
    side: 12,
    shake: "shake-even-image",
  },
};

for (const [name, run] of Object.entries(runs)) {
  Deno.test(`${run.steps} compiled steps equal ${run.steps} eager steps but for rounding: ${name}`, async () => {
    const { eager, compiled } = await engines();
    await assertEqualSteps(compiled, eager, run);
  });
}

/** The largest relative difference after ten steps, wherever they are computed. */
const DEVICE_TOLERANCE = 1e-4;

/** TensorFlow stands before what loads graphics drivers, after which it cannot be loaded. */
const everywhere: Readonly<Record<string, () => Promise<Selection>>> = {
  "TensorFlow": () => selectEngine("tensorflow"),
  ...Object.fromEntries(
    deviceNames.map((device) => [`onnxruntime on ${device}`, () => selectEngine("onnxruntime", { device })]),
  ),
};

/** Tests an engine, or names the test as ignored with the reason why it cannot be used here. */
async function testOn(name: string, what: string, test: (engine: Engine) => Promise<void>): Promise<void> {
  const selection = await everywhere[name]!().catch((error: Error) => error);
  const ignore = selection instanceof Error;
  Deno.test({
    name: `${name}: ${what}${ignore ? ` (${selection.message})` : ""}`,
    ignore,
    fn: () => test((selection as Selection).engine),
  });
}

for (const name of Object.keys(everywhere)) {
  await testOn(name, "ten training steps equal those of the reference", async (engine) => {
    const { engine: reference } = await selectEngine("cpu");
    const run = { ...base, steps: 10 };
    console.log(assertEqualRuns(await runSteps(engine, run), await runSteps(reference, run), DEVICE_TOLERANCE));
  });

  await testOn(name, "tensors outlive the program that made them", async (engine) => {
    const double = ({ x }: tf.NamedTensorMap) => ({ x: tf.add(x!, x!) });
    const first = uploadAll(engine, { x: { shape: [2, 2], data: Float32Array.of(1, -2, 3, 4) } });
    const [one, other] = [
      await engine.compile(double, { x: first["x"]! }),
      await engine.compile(double, { x: first["x"]! }),
    ];
    const second = await one.run(first);
    await one[Symbol.asyncDispose]();
    const third = await other.run(second);
    await other[Symbol.asyncDispose]();
    disposeAll({ ...first, second: second["x"]! });
    assert.deepEqual(await third["x"]!.read(), { shape: [2, 2], data: Float32Array.of(4, -8, 12, 16) });
    disposeAll(third);
  });
}
