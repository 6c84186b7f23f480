import assert from "#assert";
import { channelStatistics, checkLabels, type Dataset, decodeDataset, encodeDataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { encodeSafetensors } from "../../data/files/safetensors.ts";

Deno.test("statistics are the mean and deviation of each channel of pixels in [0, 1]", () => {
  const { mean, std } = channelStatistics(Uint8Array.of(0, 255, 51, 255, 255, 51));
  assert.deepEqual([...mean, ...std], [0.5, 1, 0.2, 0.5, 0, 0]);
});

const split = { count: 2, images: Uint8Array.from({ length: 24 }, (_, at) => at), labels: Uint8Array.of(0, 1) };

const dataset: Dataset = {
  name: "tiny",
  labels: ["cat", "dog"],
  imageShape: [2, 2, 3],
  mean: [0.1, 0.2, 0.3],
  std: [0.4, 0.5, 0.6],
  train: split,
  test: split,
};

Deno.test("a data set comes back as it was", () => {
  assert.deepEqual(decodeDataset(encodeDataset(dataset), "x"), dataset);
});

Deno.test("a safetensors file that is no data set is refused", () => {
  const bytes = encodeSafetensors({ tensors: {}, metadata: {} });
  assert.throws(
    () => decodeDataset(bytes, "x.safetensors"),
    (error) => error instanceof InputError && /^x\.safetensors is not a data set/.test(error.message),
  );
});

Deno.test("stray labels and classes without training images are refused", () => {
  const withLabels = (...labels: number[]): Dataset => ({
    ...dataset,
    train: { ...split, labels: Uint8Array.from(labels) },
  });
  assert.throws(() => checkLabels(withLabels(0, 2), "x"), /image 1 has label 2, but there are 2 classes/);
  assert.throws(() => checkLabels(withLabels(0, 0), "x"), /class dog has no training images/);
});
