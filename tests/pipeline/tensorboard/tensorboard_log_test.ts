import assert from "#assert";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";
const READER = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
result = {}
for split in ("train", "validation"):
    events = EventAccumulator(f"{sys.argv[1]}/{split}").Reload()
    result[split] = {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    result[split + " texts"] = events.Tags()["tensors"]
print(json.dumps(result))
`;

async function python(code: string, ...args: string[]) {
  try {
    return await new Deno.Command("python3", { args: ["-c", code, ...args], stderr: "null" }).output();
  } catch {
    return { success: false, stdout: new Uint8Array() };
  }
}

Deno.test({
  name: "TensorBoard reads a run's metrics, those of a run that was continued once each",
  ignore: !(await python("import tensorboard")).success,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const configuration = await tinyRun(folder, { tensorboard: true });
      await trainStage({ ...configuration, maxSteps: 6 }, testContext());
      // What was logged after the checkpoint that a run goes on from is logged again.
      const { tensorboard, last, metrics } = runPaths(configuration);
      const checkpoint = await Deno.readFile(last);
      await trainStage({ ...configuration, maxSteps: 7 }, testContext({ resume: true }));
      await Deno.writeFile(last, checkpoint);
      await trainStage(configuration, testContext({ resume: true }));
      const { success, stdout } = await python(READER, tensorboard);
      assert.ok(success);
      const { train, validation, "train texts": texts } = JSON.parse(new TextDecoder().decode(stdout));
      const lines = (await Deno.readTextFile(metrics)).trim().split("\n").map((line) => JSON.parse(line));
      const float = Math.fround;
      const steps = lines.filter(({ epoch }) => epoch === undefined), epochs = lines.filter(({ epoch }) => epoch);
      assert.deepEqual(train.loss, steps.map(({ step, loss }) => [step, float(loss)]));
      assert.deepEqual(train.learning_rate, steps.map(({ step, learningRate }) => [step, float(learningRate)]));
      assert.deepEqual(train.epoch_loss, epochs.map(({ step, trainLoss }) => [step, float(trainLoss)]));
      assert.deepEqual(
        validation.epoch_accuracy,
        epochs.map(({ step, validationAccuracy }) => [step, float(validationAccuracy)]),
      );
      assert.deepEqual(texts, ["configuration"]);
    }),
});

Deno.test("without --tensorboard there are no event files, and a run begun anew drops those before", () =>
  inTemporaryFolder(async (folder) => {
    const configuration = await tinyRun(folder, { maxSteps: 1 });
    const { tensorboard } = runPaths(configuration);
    await trainStage(configuration, testContext());
    await assert.rejects(Deno.stat(tensorboard), Deno.errors.NotFound);
    const count = async () => (await Array.fromAsync(Deno.readDir(`${tensorboard}/train`))).length;
    for (let run = 0; run < 2; run++) {
      await trainStage({ ...configuration, tensorboard: true }, testContext({ force: true }));
      assert.equal(await count(), 1);
    }
  }));
