import assert from "#assert";
import { generator, normalNumbers, permutation, uniformNumbers } from "../../../onnx/training/random_numbers.ts";

const mean = (numbers: Float32Array) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

Deno.test("the same key draws the same numbers, another key others", () => {
  const draw = (...key: (string | number)[]) => [...uniformNumbers(4, generator(...key))].join();
  assert.equal(draw(1, 2, "a"), draw(1, 2, "a"));
  assert.equal(new Set([draw(1, 2, "a"), draw(1, 2, "b"), draw(2, 1, "a"), draw(12, "a")]).size, 4);
});

Deno.test("uniform numbers are in [0, 1), with the mean and variance of that interval", () => {
  const numbers = uniformNumbers(20_000, generator(3));
  assert.ok(numbers.every((x) => x >= 0 && x < 1));
  assert.ok(Math.abs(mean(numbers) - 1 / 2) < 0.01);
  assert.ok(Math.abs(mean(numbers.map((x) => (x - 1 / 2) ** 2)) - 1 / 12) < 0.005);
});

Deno.test("normal numbers have mean 0, variance 1 and kurtosis 3", () => {
  const numbers = normalNumbers(20_000, generator(4));
  assert.ok(Math.abs(mean(numbers)) < 0.03);
  assert.ok(Math.abs(mean(numbers.map((x) => x ** 2)) - 1) < 0.05);
  assert.ok(Math.abs(mean(numbers.map((x) => x ** 4)) - 3) < 0.3);
});

Deno.test("a permutation holds every number once, in every order alike", () => {
  const counts = new Map<string, number>();
  for (let at = 0; at < 6000; at++) {
    const order = permutation(3, generator(5, at)).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  assert.ok([...counts.values()].every((count) => Math.abs(count - 1000) < 150));
});
