import * as tf from "@tensorflow/tfjs";
import { batchStatistics } from "../../model/batch_statistics.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { trainedState } from "../support/trained_state.ts";

await useCpu();
const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
const state = Object.fromEntries(
  Object.entries(trainedState(net)).map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
);
const batches = [1, 2, 3].map((seed) => randomTensor<tf.Rank.R4>([4, 8, 8, 3], seed));

/** Mean and unbiased variance of each filter of the first convolution. */
function ofStem(images: tf.Tensor4D) {
  const pixels = tf.reshape(tf.conv2d(images, state["weights/stem/conv/kernel"] as tf.Tensor4D, 1, "same"), [-1, 16]);
  const { mean, variance } = tf.moments(pixels, 0);
  const count = pixels.shape[0]!;
  return { movingMean: mean.dataSync(), movingVariance: tf.mul(variance, count / (count - 1)).dataSync() };
}

Deno.test("the statistics are the mean over the batches of their own, whatever was there before", () => {
  const step = batchStatistics(net);
  const statistics = batches.reduce<tf.NamedTensorMap>(
    (before, images, at) => ({ ...before, ...step({ ...before, images, keep: tf.scalar(at / (at + 1)) }) }),
    state,
  );
  const own = batches.map(ofStem);
  for (const part of ["movingMean", "movingVariance"] as const) {
    const expected = own[0]![part].map((_, at) => own.reduce((sum, each) => sum + each[part][at]!, 0) / own.length);
    assertClose(statistics[`statistics/stem/bn/${part}`]!.dataSync(), expected, 1e-5, part);
  }
});
