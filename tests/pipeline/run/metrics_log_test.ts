import assert from "#assert";
import {
  type EpochMetrics,
  MetricsLog,
  readMetrics,
  type StepMetrics,
  warnOfDamagedMetrics,
} from "../../../pipeline/run/metrics_log.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

const step = (step: number): StepMetrics => ({ step, loss: 2.25, accuracy: 0.1, learningRate: 1 / 3 });
const epoch = (epoch: number, step: number): EpochMetrics => ({
  ...{ epoch, step, trainLoss: 2, trainAccuracy: 0.1, validationLoss: 1, validationAccuracy: 0.2 },
});

/** Runs a test with the log of 6 steps in epochs of 2. */
const withLog = (test: (path: string) => Promise<void>) => () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/metrics.jsonl`;
    const log = await MetricsLog.open(path, { step: 0, validatedEpochs: 0 });
    for (const at of [1, 2, 3]) {
      for (const line of [step(2 * at - 1), step(2 * at), epoch(at, 2 * at)]) await log.append(line);
    }
    await log.flush();
    await test(path);
  });

Deno.test(
  "what is logged is read again in full precision, steps and epochs apart",
  withLog(async (path) => {
    const { steps, epochs } = await readMetrics(path);
    assert.deepEqual(steps, [1, 2, 3, 4, 5, 6].map(step));
    assert.deepEqual(epochs, [epoch(1, 2), epoch(2, 4), epoch(3, 6)]);
  }),
);

Deno.test("an epoch without a validation is read as it is logged", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/metrics.jsonl`;
    const log = await MetricsLog.open(path, { step: 0, validatedEpochs: 0 });
    const plain = { epoch: 1, step: 2, trainLoss: 2, trainAccuracy: 0.1 };
    await log.append(plain);
    assert.deepEqual((await readMetrics(path)).epochs, [plain]);
  }));

Deno.test(
  "a log that is opened again loses the steps and epochs after the position",
  withLog(async (path) => {
    await MetricsLog.open(path, { step: 4, validatedEpochs: 1 });
    const { steps, epochs } = await readMetrics(path);
    assert.deepEqual(steps, [1, 2, 3, 4].map(step));
    assert.deepEqual(epochs, [epoch(1, 2)], "an epoch counts once it is validated");
  }),
);

Deno.test(
  "a line that is cut off or damaged is not read, and goes when the log is opened again",
  withLog(async (path) => {
    await Deno.writeTextFile(path, '{"step":"7","loss":1,"accuracy":1,"learningRate":1}\n{"step":8,"lo', {
      append: true,
    });
    assert.equal((await readMetrics(path)).steps.length, 6);
    await MetricsLog.open(path, { step: 9, validatedEpochs: 9 });
    assert.equal((await Deno.readTextFile(path)).trim().split("\n").length, 9);
  }),
);

Deno.test("an epoch without a step has means that are NaN, before and after it is written", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/metrics.jsonl`;
    const log = await MetricsLog.open(path, { step: 0, validatedEpochs: 0 });
    const empty = { ...epoch(1, 2), trainLoss: NaN, trainAccuracy: NaN };
    await log.append(empty);
    await MetricsLog.open(path, { step: 2, validatedEpochs: 1 });
    assert.deepEqual((await readMetrics(path)).epochs, [empty]);
  }));

Deno.test("a run without a log has no metrics", () =>
  inTemporaryFolder(async (folder) => {
    assert.deepEqual(await readMetrics(`${folder}/metrics.jsonl`), { steps: [], epochs: [] });
  }));

Deno.test(
  "lines that are other JSON are left out, and counted in a warning",
  withLog(async (path) => {
    const damaged = [
      "null",
      "[]",
      "3",
      '"loss"',
      "{}",
      '{"step":7,"step":7,"loss":1,"accuracy":1,"learningRate":1}',
      "",
    ];
    await Deno.writeTextFile(path, damaged.map((line) => `${line}\n`).join("") + '{"step":8,"lo', { append: true });
    const { steps, epochs } = await readMetrics(path);
    assert.deepEqual([steps.length, epochs.length], [6, 3]);
    const lines: string[] = [];
    await warnOfDamagedMetrics(path, (line) => lines.push(line));
    await MetricsLog.open(path, { step: 9, validatedEpochs: 9 }, (line) => lines.push(line));
    const warning = `warning: 7 of 16 lines of ${path} are damaged and left out`;
    assert.deepEqual(lines, [warning, warning]);
    await warnOfDamagedMetrics(path, assert.fail);
  }),
);

Deno.test("a log that is removed during the run begins again, with a warning; a folder that is removed is not made", () =>
  inTemporaryFolder(async (folder) => {
    const path = `${folder}/run/metrics.jsonl`, lines: string[] = [];
    const log = await MetricsLog.open(path, { step: 0, validatedEpochs: 0 }, (line) => lines.push(line));
    await log.append(step(1));
    await Deno.remove(path);
    await log.append(step(2));
    assert.deepEqual((await readMetrics(path)).steps, [step(2)]);
    assert.deepEqual(lines, [`warning: ${path} was removed; the next metrics begin a new one`]);
    await Deno.remove(path);
    await log.flush();
    await Deno.remove(`${folder}/run`, { recursive: true });
    await assert.rejects(log.append(step(3)), /^InputError: cannot write .*: its folder does not exist$/);
  }));
