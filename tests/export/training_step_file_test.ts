import assert from "#assert";
import { TrainingStepFile, trainingStepModel } from "../../export/training_step_file.ts";
import { initialise } from "../../model/initialise.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { initialState, trainingStep } from "../../model/training_step.ts";
import { noiseInputs, stepInputSpecs } from "../../pipeline/training/step_inputs.ts";
import { eagerEngine } from "../../engine/eager.ts";
import { uploadAll } from "../../engine/engine.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();
const imageShape = [8, 8, 3] as const, batch = 4;
const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
const optimizer = { momentum: 0.9, weightDecay: 1e-3 };
const state = initialState(net, initialise(net.variables, uniformNumbers));
const inputs = { ...noiseInputs(net, imageShape, batch), learningRate: { shape: [], data: Float32Array.of(0.01) } };

Deno.test("the file's steps have the losses of the same steps in TensorFlow.js", async () => {
  const specs = stepInputSpecs(state, net, imageShape, batch);
  const model = trainingStepModel(net, optimizer, specs, { opset: 17, description: "a test", metadata: {} });
  await using file = await TrainingStepFile.load(model, state, 1);
  const losses = [await file.step(inputs), await file.step(inputs), await file.step(inputs)];
  const engine = eagerEngine("cpu", "cpu", "the reference");
  await using program = await engine.compile(trainingStep(net, optimizer), specs);
  const expected: number[] = [];
  let after = uploadAll(engine, state);
  for (let step = 0; step < losses.length; step++) {
    const { loss, accuracy: _, ...next } = await program.run({ ...after, ...uploadAll(engine, inputs) });
    expected.push((await loss!.read()).data[0]!);
    after = next;
  }
  assertClose(losses, expected, 1e-5, "loss");
  assert.ok(losses[2]! < losses[0]!, "the state moves on from step to step");
});
