/**
 * Prints the images per second of the median training step, and the peak memory of the process. The loop is whole: batches
 * augmented in their own thread, draws, and every step logged.
 *
 *     deno run ... bench/training.ts [--width 32] [--batch 128] [--threads N] [--steps 5] [--engine onnxruntime]
 *
 * @module
 */
import { BatchFeed } from "../data/batch_feed.ts";
import { disposeAll, uploadAll } from "../engine/engine.ts";
import { median } from "../engine/median.ts";
import { selectEngine } from "../engine/select.ts";
import { trainingStep } from "../model/training_step.ts";
import { MetricsLog } from "../pipeline/run/metrics_log.ts";
import { stepInputs, stepInputSpecs } from "../pipeline/training/step_inputs.ts";
import {
  batch,
  batchOptions,
  dataset,
  engineName,
  net,
  peakMemory,
  state as initial,
  steps,
  threads,
} from "./subject.ts";
import { scratchFolder } from "./scratch_folder.ts";

/** Untimed steps before the others; they lay out the memory. */
const WARM = 2;

const { branches } = net;
const options = { seed: 1, batch, branches, shake: "shake-shake-image", sampling: "normalized" } as const;

const { engine } = await selectEngine(
  engineName,
  engineName === "onnxruntime" ? { device: "cpu", threads } : {},
);
await using program = await engine.compile(
  trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }),
  stepInputSpecs(initial, net, dataset.imageShape, batch),
);
await using scratch = await scratchFolder();
const metrics = await MetricsLog.open(`${scratch.path}/metrics.jsonl`, { step: 0, validatedEpochs: 0 });
using feed = new BatchFeed(dataset, batchOptions, WARM + steps);
let state = uploadAll(engine, initial);
const seconds: number[] = [], waits: number[] = [];

for (let step = 0; step < WARM + steps; step++) {
  const begun = performance.now();
  const images = await feed.at(step);
  const waited = performance.now() - begun;
  const inputs = uploadAll(engine, stepInputs(options, net, dataset, step, images, { learningRate: 0.1 }));
  const { loss, accuracy, ...after } = await program.run({ ...state, ...inputs });
  const [lossValue, accuracyValue] = [(await loss!.read()).data[0]!, (await accuracy!.read()).data[0]!];
  disposeAll({ ...state, ...inputs, loss: loss!, accuracy: accuracy! });
  state = after;
  await metrics.append({ step, loss: lossValue, accuracy: accuracyValue, learningRate: 0.1 });
  if (step < WARM) continue;
  seconds.push((performance.now() - begun) / 1000);
  waits.push(waited);
}

console.log(`train ${(batch / median(seconds)).toFixed(2)} images/s`);
console.log(`wait ${median(waits).toFixed(2)} ms for a batch`);
console.log(`peak ${peakMemory().toFixed(0)} MiB`);
console.log(`version ${engine.description.replace(/ on .*/, "")}`);
