import assert from "#assert";
import { catalogue } from "../../data/catalogue.ts";
import { decodeLabels, decodeRecords, encodeRecord } from "../../data/cifar.ts";
import { InputError } from "../../data/files/input_error.ts";

const source = catalogue["cifar-10"];

/** A record whose pixel p has red p mod 256, green 1 and blue 2. */
function record(label: number): Uint8Array {
  const bytes = new Uint8Array(3073).fill(1, 1025, 2049).fill(2, 2049);
  bytes[0] = label;
  for (let pixel = 0; pixel < 1024; pixel++) bytes[1 + pixel] = pixel;
  return bytes;
}

Deno.test("the planes of records become interleaved pixels", () => {
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

Deno.test("the fine label of CIFAR-100 is the class", () => {
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
