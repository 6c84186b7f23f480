import assert from "#assert";
import { channelStatistics, checkLabels, type Dataset, decodeDataset, encodeDataset } from "../../data/dataset.ts";
import { InputError } from "../../data/files/input_error.ts";
import { encodeSafetensors } from "../../data/files/safetensors.ts";
import { oddNames } from "../support/odd_files.ts";

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

Deno.test("a data set comes back with its own validation split, which has images and labels of its classes", () => {
  const validation = { ...split, images: split.images.toReversed() };
  assert.deepEqual(decodeDataset(encodeDataset({ ...dataset, validation }), "x"), { ...dataset, validation });
  const stray = { ...dataset, validation: { ...validation, labels: Uint8Array.of(0, 2) } };
  assert.throws(() => checkLabels(stray, "x"), /image 1 has label 2, but there are 2 classes/);
  const none = { count: 0, images: new Uint8Array(), labels: new Uint8Array() };
  assert.throws(() => checkLabels({ ...dataset, validation: none }, "x"), /x has a validation split without images/);
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

Deno.test("a line break or a NUL in the name of a class is refused, other odd names are not", () => {
  for (const name of ["a\nb", "a\rb", "a\0", "a\vb", "a\fb", "a\x85b"]) {
    assert.throws(
      () => checkLabels({ ...dataset, labels: ["cat", name] }, "x"),
      (error) => error instanceof InputError && /^x: class "a\\\S+" has a line break in its name/.test(error.message),
    );
  }
  for (const name of oddNames) checkLabels({ ...dataset, labels: ["cat", name] }, "x");
  assert.throws(() => decodeDataset(encodeDataset({ ...dataset, labels: ["cat", "d\ng"] }), "x"), /has a line break/);
});

Deno.test("a name that a message repeats is cut and has no control characters", () => {
  const train = { ...split, labels: Uint8Array.of(0, 0) }, labels = ["cat", `\x1b[31m${"x".repeat(1e6)}`];
  assert.throws(
    () => checkLabels({ ...dataset, labels, train }, "x"),
    ({ message }) => message.length < 200 && message.includes("class \\u001b[31mxxx"),
  );
});

Deno.test("a normalisation that no data set has is refused", () => {
  for (const fields of [{ std: [0.5, 1e-320, 0.5] }, { std: [0.5, 2, 0.5] }, { mean: [0.5, -1, 0.5] }]) {
    const bytes = encodeDataset({ ...dataset, ...fields } as unknown as Dataset);
    assert.throws(() => decodeDataset(bytes, "x"), /^InputError: x is not a data set: its metadata has no (std|mean)$/);
  }
});
