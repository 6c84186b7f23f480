import assert from "#assert";
import * as tf from "@tensorflow/tfjs";
import { trainingBatches } from "../../../data/batches.ts";
import { compiledEngine } from "../../../engine/compiled.ts";
import { disposeAll, readAll, uploadAll } from "../../../engine/engine.ts";
import { initialAverage } from "../../../model/weight_average.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { loadDataset } from "../../../pipeline/run/load_dataset.ts";
import { networkOf } from "../../../pipeline/run/described_network.ts";
import { averagedStatistics } from "../../../pipeline/training/averaged_statistics.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { tinyRun } from "../../support/tiny_run.ts";
import { trainedState } from "../../support/trained_state.ts";

/** The statistics of a network's average on the tiny data set, and that data set. */
async function statisticsOf(folder: string, fields: Given) {
  const configuration = await tinyRun(folder, { sizes: "16:1", mixing: "mixup", ...fields });
  const dataset = await loadDataset(configuration), net = networkOf(configuration, dataset);
  const engine = await compiledEngine({ threads: 1 });
  const average = trainedState(net), state = { ...average, ...initialAverage(average) };
  const uploaded = uploadAll(engine, state);
  const result = await averagedStatistics(configuration, { dataset, net, engine, stepsPerEpoch: 4 }, uploaded);
  const statistics = await readAll(result);
  disposeAll({ ...uploaded, ...result });
  return { configuration, dataset, average, statistics };
}

Deno.test("statistics are the mean over an epoch's batches, whole and unmixed", () =>
  inTemporaryFolder(async (folder) => {
    const { configuration: { seed, batch, augment, shuffle }, dataset, average, statistics } = await statisticsOf(
      folder,
      {},
    );
    await useCpu();
    const batchAt = trainingBatches(dataset, { seed, batch, augment, shuffle });
    const { shape, data } = average["weights/stem/conv/kernel"]!;
    const kernel = tf.tensor4d(data, shape as [number, number, number, number]);
    const means = [0, 1, 2, 3].map((step) => {
      const images = tf.tensor4d(batchAt(step).images, [batch, ...dataset.imageShape]);
      return tf.mean(tf.conv2d(images, kernel, 1, "same"), [0, 1, 2]).dataSync();
    });
    const expected = Array.from({ length: 16 }, (_, at) => means.reduce((sum, mean) => sum + mean[at]!, 0) / 4);
    assertClose(statistics["average/statistics/stem/bn/movingMean"]!.data, expected, 1e-5);
    const names = Object.keys(average).filter((name) => name.startsWith("statistics/"));
    assert.deepEqual(Object.keys(statistics).toSorted(), names.map((name) => `average/${name}`).toSorted());
  }));

Deno.test("a network without batch norm has no statistics", () =>
  inTemporaryFolder(async (folder) => {
    assert.deepEqual((await statisticsOf(folder, { batchNorm: false })).statistics, {});
  }));
