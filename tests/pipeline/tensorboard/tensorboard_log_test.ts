import assert from "node:assert/strict";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { crc32c, maskedCrc32c } from "../../../pipeline/tensorboard/crc32c.ts";
import { encodeEvent, record } from "../../../pipeline/tensorboard/event_file.ts";
import { trainStage } from "../../../pipeline/training/train_stage.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext, tinyRun } from "../../support/tiny_run.ts";

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

Deno.test("CRC-32C of the examples of RFC 3720, appendix B.4, and of the digits", () => {
  const sequence = Uint8Array.from({ length: 32 }, (_, at) => at);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(sequence), 0x46dd794e);
  assert.equal(crc32c(sequence.toReversed()), 0x113fdb5c);
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
});

// As TensorBoard's own record writer writes it.
Deno.test("a record is framed as TensorFlow frames it", () => {
  const event = encodeEvent(0, { version: "brain.Event:2" });
  assert.equal(event.length, 24);
  const framed = record(event);
  assert.equal(hex(framed.subarray(0, 12)), "18 00 00 00 00 00 00 00 a3 7f 4b 22");
  assert.equal(new DataView(framed.buffer).getUint32(36, true), maskedCrc32c(event));
});

Deno.test("events are the messages of event.proto and summary.proto", () => {
  assert.equal(hex(encodeEvent(1, {})), "09 00 00 00 00 00 00 f0 3f");
  assert.equal(hex(encodeEvent(0, { step: 300 }).subarray(9)), "10 ac 02");
  assert.equal(hex(encodeEvent(0, { restart: true }).subarray(9)), "3a 02 08 01");
  // summary { value { tag: "a" simple_value: 1 } }
  assert.equal(hex(encodeEvent(0, { scalars: { a: 1 } }).subarray(9)), "2a 0a 0a 08 0a 01 61 15 00 00 80 3f");
  // summary { value { tag: "a" tensor { dtype: DT_STRING string_val: "b" } metadata { plugin_data { plugin_name: "text" } } } }
  assert.equal(
    hex(encodeEvent(0, { texts: { a: "b" } }).subarray(9)),
    "2a 16 0a 14 0a 01 61 42 05 08 07 42 01 62 4a 08 0a 06 0a 04 74 65 78 74",
  );
});

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
