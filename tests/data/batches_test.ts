import assert from "#assert";
import { batchesInOrder, type BatchOptions, trainingBatches } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";

const imageShape = [4, 4, 3] as const;

const size = 48;

/** Image n is full of n, of class n modulo 3. */
function dataset(train: number, test = 5): Dataset {
  const split = (count: number) => ({
    count,
    images: Uint8Array.from({ length: count * size }, (_, at) => Math.floor(at / size)),
    labels: Uint8Array.from({ length: count }, (_, at) => at % 3),
  });
  return {
    name: "numbers",
    labels: ["a", "b", "c"],
    imageShape,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    train: split(train),
    test: split(test),
  };
}

const options: BatchOptions = { seed: 3, batch: 4, augment: "none", shuffle: true };

/** Which images a batch holds. */
const imagesOf = (images: Float32Array) =>
  Array.from({ length: images.length / size }, (_, at) => Math.round(255 * images[at * size]!));

Deno.test("every epoch has every image once, and the remainder of one opens the next", () => {
  const batchAt = trainingBatches(dataset(10), options);
  const sequence = Array.from({ length: 5 }, (_, step) => imagesOf(batchAt(step).images)).flat();
  const sorted = (from: number) => sequence.slice(from, from + 10).toSorted((a, b) => a - b);
  assert.deepEqual(sorted(0), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(sorted(10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.notDeepEqual(sequence.slice(0, 10), sequence.slice(10, 20));
});

Deno.test("a batch depends on its step alone", () => {
  const augmented = { ...options, augment: "standard" } as const;
  const inOrder = trainingBatches(dataset(10), augmented), alone = trainingBatches(dataset(10), augmented);
  for (let step = 0; step < 7; step++) inOrder(step);
  assert.deepEqual(alone(7), inOrder(7));
  assert.notDeepEqual(trainingBatches(dataset(10), { ...augmented, seed: 4 })(7), inOrder(7));
});

Deno.test("without shuffling the images come in their order, with their labels", () => {
  const { images, labels } = trainingBatches(dataset(6), { ...options, shuffle: false })(1);
  assert.deepEqual(imagesOf(images), [4, 5, 0, 1]);
  assert.deepEqual([...labels], [1, 2, 0, 1]);
});

/** Ten million images of one pixel; image n is of class n modulo 251, and its red is n modulo 256. */
function largeDataset(): Dataset {
  const count = 10_000_000;
  const images = new Uint8Array(3 * count), labels = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    labels[at] = at % 251;
    images[3 * at] = at % 256;
  }
  const names = Array.from({ length: 251 }, (_, at) => `${at}`);
  return { ...dataset(1), labels: names, imageShape: [1, 1, 3], train: { count, images, labels } };
}

Deno.test("ten million images: the samples of a run's last steps are the right ones, and their draws are new", () => {
  const data = largeDataset();
  const { count } = data.train;
  // The last step of 1,800 epochs: its samples are the last of 18 billion.
  const batch = 128, step = 1800 * count / batch - 1;
  const { images, labels } = trainingBatches(data, { ...options, batch, shuffle: false })(step);
  for (let at = 0; at < batch; at++) {
    const image = Number((BigInt(step) * 128n + BigInt(at)) % 10_000_000n);
    assert.deepEqual([labels[at], Math.round(255 * images[3 * at]!)], [image % 251, image % 256]);
  }
  const shuffled = trainingBatches(data, { ...options, batch })(step);
  const seen = new Set([...shuffled.labels].map((label, at) => `${label} ${shuffled.images[3 * at]}`));
  assert.ok(seen.size > 120, "different images, each with one label");
  // Image 200 of its epoch, at positions that are equal modulo 2^32.
  const jittered = trainingBatches(data, { ...options, batch: 1, shuffle: false, augment: "color-jitter" });
  const first = 200, again = first + 2 ** 32 * 78_125;
  assert.equal(again % count, first);
  assert.notDeepEqual(jittered(first).images, jittered(again).images);
});

Deno.test("evaluation sees each image once, in order, and a smaller last batch", () => {
  const data = dataset(3, 5);
  const batches = [...batchesInOrder(data, data.test, 2)];
  assert.deepEqual(batches.map(({ count }) => count), [2, 2, 1]);
  assert.deepEqual(batches.flatMap(({ images }) => imagesOf(images)), [0, 1, 2, 3, 4]);
});

Deno.test("the parts of a batch are the batch, augmented as it is", () => {
  const augmented = { ...options, augment: "flip,cutout:2" };
  const whole = trainingBatches(dataset(10), augmented)(3);
  const parts = [0, 1].map((index) => trainingBatches(dataset(10), { ...augmented, part: { index, count: 2 } })(3));
  assert.deepEqual(parts.map(({ count }) => count), [2, 2]);
  assert.deepEqual(parts.flatMap(({ images }) => [...images]), [...whole.images]);
  assert.deepEqual(parts.flatMap(({ labels }) => [...labels]), [...whole.labels]);
});

Deno.test("mixed batches: targets name the images that are seen, labels the largest share, and parts are those of the whole", () => {
  const mixing = { name: "mixup", amount: 1 } as const;
  for (let step = 0; step < 5; step++) {
    const plain = trainingBatches(dataset(10), options)(step);
    const { images, labels, targets } = trainingBatches(dataset(10), { ...options, mixing })(step);
    for (let at = 0; at < 4; at++) {
      const shares = [...targets!.subarray(3 * at, 3 * at + 3)];
      assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-6);
      assert.equal(labels[at], shares.indexOf(Math.max(...shares)));
      assert.ok(shares[plain.labels[at]!]! > 0, "an image has a share in its own place");
      const seen = imagesOf(plain.images), value = 255 * images[at * size]!;
      assert.ok(value >= Math.min(...seen) - 1e-3 && value <= Math.max(...seen) + 1e-3);
    }
    const parts = [0, 1].map((index) =>
      trainingBatches(dataset(10), { ...options, mixing, part: { index, count: 2 } })(step)
    );
    assert.deepEqual(parts.flatMap(({ images }) => [...images]), [...images]);
    assert.deepEqual(parts.flatMap(({ targets }) => [...targets!]), [...targets!]);
  }
});

Deno.test("alternating flips show every image both ways within two epochs", () => {
  const data = dataset(8);
  // The left half of each image is 0, the right half 255.
  data.train.images.forEach((_, at, images) => images[at] = Math.floor(at / 3) % 4 < 2 ? 0 : 255);
  const batchAt = trainingBatches(data, { ...options, batch: 8, augment: "alternating-flip", shuffle: false });
  const mirrored = (step: number) => Array.from({ length: 8 }, (_, at) => batchAt(step).images[at * size]! > 0.5);
  assert.deepEqual(mirrored(1), mirrored(0).map((flip) => !flip));
  assert.deepEqual(mirrored(2), mirrored(0));
});
