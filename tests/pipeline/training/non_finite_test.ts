/** Steps that give NaN or infinities, from an engine that is made to. */
import assert from "node:assert/strict";
import { compiledEngine } from "../../../engine/compiled.ts";
import type { DeviceTensors, Engine } from "../../../engine/engine.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { networkOf } from "../../../pipeline/run/run_configuration.ts";
import { initialise } from "../../../model/initialise.ts";
import { noPlateau } from "../../../model/schedule.ts";
import { initialState } from "../../../model/training_step.ts";
import { readCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { teamOf } from "../../../pipeline/training/team.ts";
import { alone } from "../../../engine/distributed/process_group.ts";
import { TrainingError, TrainingRun } from "../../../pipeline/training/training_run.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

/** An engine whose training steps of the given numbers give NaN in one output. */
function failing(engine: Engine, steps: readonly number[], output: string): Engine {
  return {
    ...engine,
    async compile(fn, inputs) {
      const program = await engine.compile(fn, inputs);
      let step = 0;
      return {
        dispose: () => program.dispose(),
        async run(tensors): Promise<DeviceTensors> {
          const outputs = await program.run(tensors);
          if (!("loss" in outputs) || !steps.includes(++step)) return outputs;
          const { shape } = outputs[output]!;
          const size = shape.reduce((a, b) => a * b, 1);
          return { ...outputs, [output]: engine.upload({ shape, data: new Float32Array(size).fill(NaN) }) };
        },
      };
    },
  };
}

/** Trains two epochs of four steps. */
async function trainFailing(folder: string, steps: readonly number[], output: string, fields: Given = {}) {
  const configuration = await tinyRun(folder, fields);
  const dataset = await loadDataset(configuration);
  const net = networkOf(configuration, dataset);
  const engine = failing(await compiledEngine({ threads: 1 }), steps, output);
  const state = initialState(net, initialise(net.variables, uniformNumbers));
  const position = {
    ...{ step: 0, validatedEpochs: 0, best: null, plateau: noPlateau, settings: {} },
    ...{ epochLoss: 0, epochAccuracy: 0, epochSkipped: 0 },
  };
  const context = testContext();
  const team = teamOf(alone, context.signal);
  const run = new TrainingRun(configuration, context, { dataset, net, engine, stepsPerEpoch: 4, team }, {
    state,
    position,
  });
  const ended = await run.train().then(() => undefined, (error) => error);
  const { last, metrics } = runPaths(configuration);
  const saved = await readCheckpoint(last, net, "").catch(() => undefined);
  const lines: Record<string, number>[] = (await Deno.readTextFile(metrics)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  return { ended, saved, lines, said: context.lines, last };
}

for (const [what, output] of [["a loss", "loss"], ["a weight", "weights/dense/bias"]] as const) {
  Deno.test(`--non-finite skip leaves out a step with ${what} that is NaN, and says so`, () =>
    inTemporaryFolder(async (folder) => {
      const { ended, saved, lines, said } = await trainFailing(folder, [2, 7], output, { nonFinite: "skip" });
      assert.equal(ended, undefined);
      assert.deepEqual(lines.filter(({ epoch }) => !epoch).map(({ step }) => step), [1, 3, 4, 5, 6, 8]);
      assert.match(said.join("\n"), /warning: .*step 2.* with learning rate [\d.]+; it is left out/);
      assert.deepEqual([saved!.position.step, saved!.position.epochSkipped], [8, 0]);
      const taken = lines.filter(({ epoch, step }) => !epoch && step! <= 4);
      const mean = taken.reduce((sum, { loss }) => sum + loss!, 0) / 3;
      const first = lines.find(({ epoch }) => epoch === 1)!;
      assert.ok(Math.abs(first["trainLoss"]! - mean) < 1e-12, "the mean of the steps that were taken");
    }));
}

Deno.test("weights that are not finite are never saved: the run stops and keeps the last good checkpoint", () =>
  inTemporaryFolder(async (folder) => {
    const { ended, saved, last } = await trainFailing(folder, [8], "weights/dense/bias");
    assert.ok(ended instanceof TrainingError);
    assert.match(
      ended.message,
      /is NaN after step 8, with learning rate [\d.]+; .*last\.safetensors is of step 4; begin/,
    );
    assert.equal(saved!.position.step, 4, last);
  }));

Deno.test("momentum that is not finite, which no loss shows, is not saved either", () =>
  inTemporaryFolder(async (folder) => {
    const { ended, saved } = await trainFailing(folder, [8], "momentum/dense/bias");
    assert.match(String(ended), /momentum\/dense\/bias is not finite after step 8/);
    assert.equal(saved!.position.step, 4);
  }));

Deno.test("a run in which step after step must be left out is given up", () =>
  inTemporaryFolder(async (folder) => {
    const steps = Array.from({ length: 20 }, (_, at) => at + 1);
    const { ended } = await trainFailing(folder, steps, "loss", { nonFinite: "skip", epochs: 6, shuffle: false });
    assert.ok(ended instanceof TrainingError);
    assert.match(ended.message, /the loss is NaN at step 10, after 9 steps before it that were left out/);
  }));
