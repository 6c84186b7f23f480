import assert from "#assert";
import { balancedOrder } from "../../data/balanced_order.ts";

/** 12 images of class 0, 3 of class 1, 1 of class 2. */
const labels = Uint8Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 1]);

function counts(order: Uint32Array, of: (image: number) => number): Record<number, number> {
  const counted: Record<number, number> = {};
  for (const image of order) counted[of(image)] = (counted[of(image)] ?? 0) + 1;
  return counted;
}

Deno.test("an epoch has as many images as there are, equally many of each class", () => {
  const order = balancedOrder(labels, 1, 0);
  assert.equal(order.length, 16);
  assert.deepEqual(counts(order, (image) => labels[image]!), { 0: 6, 1: 5, 2: 5 });
});

Deno.test("over the epochs the images of a class are drawn equally often", () => {
  const all = Uint32Array.from(Array.from({ length: 6 }, (_, epoch) => [...balancedOrder(labels, 1, epoch)]).flat());
  const drawn = counts(all, (image) => image);
  // 6 places of 12 images, and 5 places of 3, over 6 epochs.
  labels.forEach((label, image) => assert.equal(drawn[image], [3, 10, 30][label], `image ${image}`));
});

Deno.test("an epoch depends on the seed and its number alone, and mixes the classes", () => {
  const order = balancedOrder(labels, 7, 3);
  balancedOrder(labels, 7, 2);
  assert.deepEqual(balancedOrder(labels, 7, 3), order);
  assert.notDeepEqual(balancedOrder(labels, 8, 3), order);
  assert.notDeepEqual([...order].map((image) => labels[image]), [...order].map((image) => labels[image]).toSorted());
});
