import assert from "#assert";
import { decodeSafetensors } from "../../../../data/files/safetensors.ts";
import type { HostTensor } from "../../../../engine/engine.ts";
import { exportModel } from "../../../../pipeline/commands/export/mod.ts";
import { train } from "../../../../pipeline/commands/train.ts";
import { runPaths } from "../../../../pipeline/run/paths.ts";
import { runOnnx } from "../../../support/run_onnx.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../../support/tiny_run.ts";

Deno.test("an exported training step gives the losses of the run from files alone", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 5, what: "training-step", exportSteps: 5 });
    const { trainingStep, metrics } = runPaths(configuration);
    await train.run(configuration, testContext());
    await exportModel.run(configuration, testContext());
    const logged = (await Deno.readTextFile(metrics)).trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ loss }) => loss !== undefined);
    const model = await Deno.readFile(`${trainingStep}/training_step.onnx`);
    const read = async (name: string) =>
      decodeSafetensors(await Deno.readFile(`${trainingStep}/${name}.safetensors`), name).tensors;
    const inputs = await read("step_inputs");
    let state = await read("initial_state");
    for (let step = 0; step < 5; step++) {
      const own = Object.entries(inputs).map(([name, { shape: [, ...shape], data }]): [string, HostTensor] => {
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { shape, data: data.slice(step * size, (step + 1) * size) }];
      });
      const { loss, accuracy: _, ...next } = await runOnnx(model, { ...state, ...Object.fromEntries(own) });
      // Steps enlarge what two orders of summing differ in.
      const difference = Math.abs(loss!.data[0]! / logged[step].loss - 1);
      assert.ok(difference < 1e-5 * 10 ** step, `step ${step + 1}: ${difference}`);
      state = Object.fromEntries(Object.entries(next).map(([name, tensor]) => [name.replace("next/", ""), tensor]));
    }
    const { losses, compared, maxRelativeDifference } = JSON.parse(
      await Deno.readTextFile(`${trainingStep}/losses.json`),
    );
    assert.deepEqual([losses.length, compared, maxRelativeDifference < 0.01], [5, 5, true]);
    const again = testContext();
    await exportModel.run(configuration, again);
    assert.deepEqual(again.lines, ["export: up to date", "report: up to date"]);
  }));

Deno.test("an export whose losses are not those of the run is refused, and writes nothing", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 3, what: "training-step", exportSteps: 3 });
    const { trainingStep, metrics } = runPaths(configuration);
    await train.run(configuration, testContext());
    const text = await Deno.readTextFile(metrics);
    await Deno.writeTextFile(metrics, text.replace(/"loss":[\d.]+/, '"loss":9'));
    await assert.rejects(
      exportModel.run(configuration, testContext()),
      /^ParityError: the training step gives losses that differ from those in .*metrics\.jsonl by \d/,
    );
    await assert.rejects(Deno.stat(`${trainingStep}/training_step.onnx`), Deno.errors.NotFound);
    await Deno.remove(metrics);
    await assert.rejects(
      exportModel.run(configuration, testContext()),
      /metrics\.jsonl does not exist; run `deno task train --run tiny --runs \S+` first/,
    );
  }));

Deno.test("an exported training step has the parts of the run's recipe", () =>
  inTemporaryFolder(async (folder) => {
    const parts = { averaging: "lookahead", mixing: "cutmix", labelSmoothing: 0.1, clipNorm: 1, whitening: "frozen" };
    const more = { decayed: "kernels", offsetRate: 4, batchNormMomentum: 0.6, shakeStrength: "0:0,1:1" };
    const fields = { maxSteps: 6, what: "training-step", exportSteps: 6, schedule: "one-cycle", ...parts, ...more };
    const configuration = await tinyRun(folder, fields);
    await train.run(configuration, testContext());
    await exportModel.run(configuration, testContext());
    const text = await Deno.readTextFile(`${runPaths(configuration).trainingStep}/losses.json`);
    const { compared, maxRelativeDifference } = JSON.parse(text);
    assert.deepEqual([compared, maxRelativeDifference < 0.01], [6, true], `${maxRelativeDifference}`);
  }));

Deno.test("the training step of a run with images of several sizes is refused", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1, what: "training-step", sizes: "16:1" });
    await train.run(configuration, testContext());
    await assert.rejects(
      exportModel.run(configuration, testContext()),
      /^UsageError: --what training-step: the images of the run tiny have several sizes \(--sizes 16:1\)/,
    );
  }));
