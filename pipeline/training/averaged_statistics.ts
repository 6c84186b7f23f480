/**
 * The statistics of batch norm for an equal average of weights, which no step of training has computed: the means over some
 * batches of training images.
 *
 * @module
 */
import { type Batch, trainingBatches } from "../../data/batches.ts";
import { type DeviceTensors, disposeAll, uploadAll } from "../../engine/engine.ts";
import { batchStatistics } from "../../model/batch_statistics.ts";
import { subjectOf } from "../../model/network.ts";
import { averageOf } from "../../model/weight_average.ts";
import { inferenceInputs } from "../evaluation/classifier.ts";
import { type BatchFields, batchOptionsOf } from "./batch_options.ts";
import type { Configuration } from "../configuration/fields.ts";
import type { TrainingSetup } from "./training_setup.ts";

/** Batches that count; the moving statistics of a step remember fewer. */
const BATCHES = 50;

/**
 * Computes the statistics of the averaged weights in a state. The images are those of the first batches of the run, augmented
 * but neither mixed nor smaller, so that the result depends on the weights alone.
 *
 * @param state which it leaves as it is
 * @returns `average/statistics/<variable>`; without batch norm nothing
 */
export async function averagedStatistics(
  configuration: BatchFields & Pick<Configuration, "freeze">,
  { dataset, net, engine, stepsPerEpoch }: Pick<TrainingSetup, "dataset" | "net" | "engine" | "stepsPerEpoch">,
  state: DeviceTensors,
): Promise<DeviceTensors> {
  const statistics = Object.keys(averageOf(state)).filter((name) => name.startsWith("statistics/"));
  if (statistics.length === 0) return {};
  const { batch } = configuration;
  const batchAt = trainingBatches(dataset, batchOptionsOf({ ...configuration, sizes: "none", mixing: "none" }));
  const inputs = inferenceInputs(net, dataset.imageShape);
  const specs = { ...inputs, images: { shape: [batch, ...dataset.imageShape] }, keep: { shape: [] } };
  const { freeze } = configuration;
  await using program = await engine.compile(
    batchStatistics(net, freeze),
    specs,
    subjectOf("batchStatistics", net, { freeze }),
  );
  const weights = averageOf(state);
  let owned: DeviceTensors = {};
  for (let step = 0; step < Math.min(BATCHES, stepsPerEpoch); step++) {
    const own = uploadAll(engine, inputsOf(batchAt(step), dataset.imageShape, step));
    const after = await program.run({ ...weights, ...owned, ...own });
    disposeAll({ ...owned, ...own });
    owned = after;
  }
  return Object.fromEntries(Object.entries(owned).map(([name, tensor]) => [`average/${name}`, tensor]));
}

/** @param counted batches before this one */
const inputsOf = ({ count, images }: Batch, imageShape: readonly number[], counted: number) => ({
  images: { shape: [count, ...imageShape], data: images },
  keep: { shape: [], data: Float32Array.of(counted / (counted + 1)) },
});
