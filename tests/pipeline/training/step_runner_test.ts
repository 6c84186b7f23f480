import assert from "#assert";
import { trainingBatches } from "../../../data/batches.ts";
import { compiledEngine } from "../../../engine/compiled.ts";
import type { Engine } from "../../../engine/engine.ts";
import { alone } from "../../../engine/distributed/process_group.ts";
import { initialise } from "../../../model/initialise.ts";
import { initialState } from "../../../model/training_step.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { batchOptionsOf } from "../../../pipeline/training/batch_options.ts";
import { StepRunner } from "../../../pipeline/training/step_runner.ts";
import { teamOf } from "../../../pipeline/training/team.ts";
import { failingEngine } from "../../support/failing_engine.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyRun } from "../../support/tiny_run.ts";

/** Runs one step whose output of a name is NaN. */
const oneStep = async (fields: Given, output: string) => {
  const result = {} as Awaited<ReturnType<StepRunner["run"]>> & { readonly unchanged: boolean };
  await inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, fields);
    const dataset = await loadDataset(configuration);
    const net = networkOf(configuration, dataset);
    const engine = failingEngine(await compiledEngine({ threads: 1 }), [1], output);
    const team = teamOf(alone, new AbortController().signal);
    const state = initialState(net, initialise(net.variables, uniformNumbers));
    await using runner = await StepRunner.create(
      configuration,
      { dataset, validation: undefined, net, engine, stepsPerEpoch: 4, team },
      state,
    );
    const outcome = await runner.run(0, trainingBatches(dataset, batchOptionsOf(configuration))(0), {
      learningRate: 0.1,
      imageShape: dataset.imageShape,
    });
    const after = await runner.read();
    const unchanged = Object.keys(state).every((name) => `${after[name]!.data}` === `${state[name]!.data}`);
    Object.assign(result, { ...outcome, unchanged });
  });
  return { skipped: result.skipped, unchanged: result.unchanged };
};

Deno.test("a step replaces the state", async () => {
  assert.deepEqual(await oneStep({}, "accuracy"), { skipped: false, unchanged: false });
});

Deno.test("a step whose loss is NaN is skipped, and the state stays", async () => {
  for (const nonFinite of ["skip", "stop"]) {
    assert.deepEqual(await oneStep({ nonFinite }, "loss"), { skipped: true, unchanged: true });
  }
});

Deno.test("a step whose momentum is NaN is skipped with --non-finite skip alone; else it is found before a save", async () => {
  assert.deepEqual(await oneStep({ nonFinite: "skip" }, "momentum/dense/bias"), { skipped: true, unchanged: true });
  assert.deepEqual(await oneStep({ nonFinite: "stop" }, "momentum/dense/bias"), { skipped: false, unchanged: false });
});

Deno.test("a step's program is released if the state cannot be uploaded", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder);
    const dataset = await loadDataset(configuration);
    const net = networkOf(configuration, dataset);
    let released = 0;
    const engine: Engine = {
      ...await compiledEngine({ threads: 1 }),
      upload() {
        throw new RangeError("out of memory");
      },
      compile: () =>
        Promise.resolve({
          run: () => Promise.reject(new Error("not called")),
          [Symbol.asyncDispose]: () => Promise.resolve(void released++),
        }),
    };
    const team = teamOf(alone, new AbortController().signal);
    const setup = { dataset, validation: undefined, net, engine, stepsPerEpoch: 4, team };
    const state = initialState(net, initialise(net.variables, uniformNumbers));
    await assert.rejects(StepRunner.create(configuration, setup, state), /^RangeError: out of memory$/);
    assert.equal(released, 1);
  }));
