import assert from "#assert";
import type { Dataset, Split } from "../../../../data/dataset.ts";
import { imagesInOrder, spread } from "../../../../pipeline/commands/export/model_images.ts";

/** Images of 1 x 1 pixel whose bytes are their index, sorted by class. */
const split = (count: number): Split => ({
  count,
  images: Uint8Array.from({ length: 3 * count }, (_, at) => Math.floor(at / 3)),
  labels: Uint8Array.from({ length: count }, (_, at) => Math.floor(2 * at / count)),
});

const dataset: Dataset = {
  ...{ name: "set", labels: ["a", "b"], imageShape: [1, 1, 3], mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  ...{ train: split(10), test: split(5) },
};

Deno.test("batches have the bytes of their images and the normalised numbers beside them, the last batch the rest", () => {
  const batches = [...imagesInOrder(dataset, dataset.test, 2)];
  assert.deepEqual(batches.map(({ count }) => count), [2, 2, 1]);
  assert.deepEqual(batches.map(({ pixels }) => [...pixels].filter((_, at) => at % 3 === 0)), [[0, 1], [2, 3], [4]]);
  for (const { images, pixels } of batches) {
    pixels.forEach((byte, at) => assert.ok(Math.abs(images[at]! - (byte / 255 - 0.5) / 0.25) < 1e-6));
  }
});

Deno.test("spread images lie at equal distances, with their labels, and are never more than there are", () => {
  const { count, images, labels } = spread(dataset, dataset.train, 4);
  assert.equal(count, 4);
  assert.deepEqual([...images].filter((_, at) => at % 3 === 0), [0, 2, 5, 7]);
  assert.deepEqual([...labels], [0, 0, 1, 1]);
  assert.deepEqual(spread(dataset, dataset.train, 99), dataset.train);
});

Deno.test("spread images have the classes of the split in its shares, sorted by class or alternating", () => {
  for (const labelOf of [(at: number) => Math.floor(at / 10), (at: number) => at % 10]) {
    const all = { ...split(100), labels: Uint8Array.from({ length: 100 }, (_, at) => labelOf(at)) };
    const { labels } = spread(dataset, all, 10);
    assert.deepEqual([...labels].toSorted((a, b) => a - b), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});
