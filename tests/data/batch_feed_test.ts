import assert from "#assert";
import { BatchFeed } from "../../data/batch_feed.ts";
import { type BatchOptions, trainingBatches } from "../../data/batches.ts";
import type { Dataset } from "../../data/dataset.ts";

const split = {
  count: 10,
  images: new Uint8Array(10 * 48).map((_, at) => at),
  labels: Uint8Array.of(0, 1, 0, 1, 0, 1, 0, 1, 0, 1),
};
const dataset: Dataset = {
  name: "ten",
  labels: ["a", "b"],
  imageShape: [4, 4, 3],
  mean: [0, 0, 0],
  std: [1, 1, 1],
  train: split,
  test: split,
};
const options: BatchOptions = { seed: 1, batch: 4, augment: "standard,cutout:2", shuffle: true };

for (const [what, mixing] of Object.entries({ plain: undefined, mixed: { name: "ricap", amount: 0.3 } as const })) {
  Deno.test(`the ${what} batches of a feed are those of their steps, from any step on`, async () => {
    const batchAt = trainingBatches(dataset, { ...options, mixing });
    using feed = new BatchFeed(dataset, { ...options, mixing }, 9);
    for (const step of [3, 4, 5, 8]) assert.deepEqual(await feed.at(step), batchAt(step));
  });
}

Deno.test("an error in the feed's thread reaches the step that asks for the batch", async () => {
  using feed = new BatchFeed(dataset, { ...options, augment: "spin" });
  await assert.rejects(feed.at(0), /"spin" is no augmentation/);
});

Deno.test("the feed's thread ends if the data cannot be copied to it", () => {
  const { Worker } = globalThis;
  let ended = 0;
  globalThis.Worker = class extends EventTarget {
    postMessage() {}
    terminate() {
      ended++;
    }
  } as unknown as typeof Worker;
  try {
    const tooLarge = { length: -1 } as Uint8Array<ArrayBuffer>;
    assert.throws(() => new BatchFeed({ ...dataset, train: { ...split, images: tooLarge } }, options), RangeError);
  } finally {
    globalThis.Worker = Worker;
  }
  assert.equal(ended, 1);
});
