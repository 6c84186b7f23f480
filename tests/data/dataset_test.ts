import assert from "node:assert/strict";
import { catalogue } from "../../data/catalogue.ts";
import { decodeLabels, decodeRecords, encodeRecord } from "../../data/cifar.ts";
import { channelStatistics, checkLabels, type Dataset, decodeDataset, encodeDataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { encodeSafetensors } from "../../data/files/safetensors.ts";

const source = catalogue["cifar-10"];
/** A record whose pixel p has red p mod 256, green 1 and blue 2. */
function record(label: number): Uint8Array {
  const bytes = new Uint8Array(3073).fill(1, 1025, 2049).fill(2, 2049);
  bytes[0] = label;
  for (let pixel = 0; pixel < 1024; pixel++) bytes[1 + pixel] = pixel;
  return bytes;
}

Deno.test("records' planes become interleaved pixels", () => {
  const { count, images, labels } = decodeRecords(
    [{ name: "a", bytes: record(3) }, { name: "b", bytes: record(9) }],
    source,
  );
  assert.equal(count, 2);
  assert.deepEqual([...labels], [3, 9]);
  assert.deepEqual([...images.subarray(0, 6)], [0, 1, 2, 1, 1, 2]);
  assert.deepEqual([...images.subarray(3072 + 300, 3072 + 303)], [100, 1, 2]);
});

Deno.test("a record is written as it is read", () => {
  const { images } = decodeRecords([{ name: "a", bytes: record(3) }], source);
  assert.deepEqual(encodeRecord(3, images), record(3));
});

Deno.test("of CIFAR-100's two labels the fine one is the class", () => {
  const bytes = new Uint8Array(3074);
  bytes.set([19, 99]);
  assert.deepEqual([...decodeRecords([{ name: "a", bytes }], catalogue["cifar-100"]).labels], [99]);
});

Deno.test("a file that is not whole records, and a class that does not exist, are refused by name", () => {
  const refused = (bytes: Uint8Array, says: RegExp) =>
    assert.throws(
      () => decodeRecords([{ name: "data_batch_1.bin", bytes }], source),
      (error) => error instanceof InputError && says.test(error.message),
    );
  refused(record(1).subarray(1), /data_batch_1\.bin has 3072 bytes/);
  refused(new Uint8Array(0), /data_batch_1\.bin has 0 bytes/);
  refused(record(10), /data_batch_1\.bin: record 0 has class 10, but there are 10 classes/);
});

Deno.test("labels are the lines that are not empty", () => {
  assert.deepEqual(decodeLabels("cat\r\ndog\n\n"), ["cat", "dog"]);
});

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
