import assert from "#assert";
import { liveState } from "../../../pipeline/report/live.ts";
import type { RunData } from "../../../pipeline/report/read_run.ts";

Deno.test("the state of a run: progress, speed, remaining time, and silence", () => {
  const time = "2024-01-01T00:00:00Z", at = Date.parse(time) + 10_000;
  const begin = { event: "begin", time, engine: "e", step: 10, steps: 50, stepsPerEpoch: 10, batch: 8 } as const;
  const steps = [{ step: 30, loss: 1.5, accuracy: 0.5, learningRate: 0.1 }];
  const run = { steps, epochs: [], sessions: [{ begin }], configuration: { epochs: 5 } } as unknown as RunData;
  assert.deepEqual(liveState(run, at, at), {
    done: 0.6,
    words: "training · step 30 of 50 · epoch 0 of 5 · loss 1.5000 · 16.0 images/s · 10s left",
  });
  const epoch = { epoch: 1, step: 10, trainLoss: 1, trainAccuracy: 0.5 };
  const validated = { ...epoch, validationLoss: 1, validationAccuracy: 0.25 };
  assert.match(liveState({ ...run, epochs: [validated] }, at, at).words, / · loss 1\.5000 · validation 25\.00 % · /);
  assert.doesNotMatch(liveState({ ...run, epochs: [epoch] }, at, at).words, /validation/);
  assert.match(liveState(run, at, at + 120_000).words, /no news for 2m00s$/);
  const end = { event: "end", time, step: 30, seconds: 10, imagesPerSecond: 16 } as const;
  assert.match(liveState({ ...run, sessions: [{ begin, end }] }, at, at).words, /^stopped · step 30 of 50/);
});
