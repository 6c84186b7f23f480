import assert from "#assert";
import { permutation, philox, stream, type Words } from "../../data/random.ts";

// The known answers of Random123, philox4x32 with 10 rounds (Salmon et al. 2011, kat_vectors).
const knownAnswers: [counter: Words, key: [number, number], words: Words][] = [
  [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

Deno.test("philox gives the published known answers", () => {
  for (const [counter, key, words] of knownAnswers) assert.deepEqual(philox(counter, key), words);
});

Deno.test("a stream is the same each time, and another for another seed, purpose, position or index", () => {
  const first = (...place: Parameters<typeof stream>) => stream(...place).uint32();
  const here = first(1, "shake", 2, 3);
  assert.equal(first(1, "shake", 2, 3), here);
  const elsewhere = [
    first(2, "shake", 2, 3),
    first(1 + 2 ** 32, "shake", 2, 3),
    first(1, "augmentation", 2, 3),
    first(1, "shake", 3, 3),
    first(1, "shake", 2, 4),
  ];
  assert.equal(new Set([here, ...elsewhere]).size, 6);
});

Deno.test("uniform draws have the mean and the variance of the uniform distribution", () => {
  const { uniform } = stream(5, "shake");
  const draws = Array.from({ length: 100_000 }, uniform);
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
  assert.ok(draws.every((x) => x >= 0 && x < 1));
  assert.ok(Math.abs(mean - 1 / 2) < 0.004, `mean ${mean}`);
  assert.ok(Math.abs(variance - 1 / 12) < 0.002, `variance ${variance}`);
});

Deno.test("normal draws have mean 0 and deviation 1", () => {
  const { normal } = stream(5, "augmentation");
  const draws = Array.from({ length: 100_000 }, normal);
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  const deviation = Math.sqrt(draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length);
  assert.ok(Math.abs(mean) < 0.015 && Math.abs(deviation - 1) < 0.015, `mean ${mean}, deviation ${deviation}`);
});

Deno.test("integer draws are equally likely", () => {
  const { integer } = stream(5, "permutation");
  const counts = Array(6).fill(0);
  for (let draw = 0; draw < 60_000; draw++) counts[integer(6)]++;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, `${counts}`);
});

Deno.test("an epoch's order has every sample once, and differs from the next epoch's", () => {
  const order = permutation(7, 0, 1000);
  assert.deepEqual(order.toSorted(), Uint32Array.from({ length: 1000 }, (_, at) => at));
  assert.notDeepEqual(order, permutation(7, 1, 1000));
  assert.deepEqual(order, permutation(7, 0, 1000));
});
