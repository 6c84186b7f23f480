/** The training step on every engine and device: the same network, images and draws, in other arithmetic. */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { disposeAll, type Engine, uploadAll } from "../../engine/engine.ts";
import { deviceNames } from "../../engine/engine_names.ts";
import { selectEngine, type Selection } from "../../engine/select.ts";
import { assertEqualRun, assertEqualSteps, assertEqualStepsOf, stepsInDouble } from "../support/equal_steps.ts";
import { cases, draws, networks } from "../support/equality_cases.ts";
import { compileRun } from "../support/training_run.ts";

/** One worker for all tests: it loads TensorFlow.js once. */
const double = stepsInDouble();
Deno.test.afterAll(() => double[Symbol.dispose]());

const compiledEngine = async () => (await selectEngine("onnxruntime", { device: "cpu", threads: 1 })).engine;

Deno.test("a compiled step equals one in double precision but for rounding, with the draws of", async (t) => {
  const compiled = await compiledEngine();
  await using program = await compileRun(compiled, cases["base"]!);
  for (const name of Object.keys(draws)) {
    await t.step(name, async () => console.log(await assertEqualStepsOf(compiled, program, double, name)));
  }
});

for (const [name, { steps }] of Object.entries(networks)) {
  Deno.test(`${steps} compiled steps equal those in double precision but for rounding: ${name}`, async () => {
    console.log(await assertEqualSteps(await compiledEngine(), double, name));
  });
}

/** Steps of a run, wherever they are computed. */
const STEPS = 10;

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
  await testOn(
    name,
    "ten training steps end within float32's rounding of those in double precision",
    async (engine) => {
      console.log(await assertEqualRun(engine, double, "base", STEPS));
    },
  );

  await testOn(name, "tensors outlive the program that made them", async (engine) => {
    const doubled = ({ x }: tf.NamedTensorMap) => ({ x: tf.add(x!, x!) });
    const first = uploadAll(engine, { x: { shape: [2, 2], data: Float32Array.of(1, -2, 3, 4) } });
    const [one, other] = [
      await engine.compile(doubled, { x: first["x"]! }),
      await engine.compile(doubled, { x: first["x"]! }),
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
