import assert from "#assert";
import { betaDraw } from "../../data/beta_draw.ts";
import { stream } from "../../data/random.ts";

const COUNT = 20_000;

const draws = (a: number) => Array.from({ length: COUNT }, (_, at) => betaDraw(a, stream(1, "mixing", at)));

/** The largest distance of the draws' distribution from the one given; 1.95 / sqrt(n) has a probability of 1/1000. */
function assertDistributed(a: number, below: (x: number) => number): void {
  const sorted = draws(a).sort((x, y) => x - y);
  const distance = Math.max(...sorted.map((x, at) => Math.abs(below(x) - (at + 0.5) / COUNT)));
  assert.ok(distance < 1.95 / Math.sqrt(COUNT), `${distance}`);
}

Deno.test("Beta(1, 1) is uniform", () => assertDistributed(1, (x) => x));
Deno.test("Beta(1/2, 1/2) is the arcsine distribution", () =>
  assertDistributed(0.5, (x) => 2 / Math.PI * Math.asin(Math.sqrt(x))));
Deno.test("Beta(2, 2) is x^2 (3 - 2 x)", () => assertDistributed(2, (x) => x * x * (3 - 2 * x)));

Deno.test("a small parameter gives numbers in [0, 1] of mean 1/2 and variance 1 / (8 a + 4)", () => {
  for (const a of [0.01, 0.3]) {
    const all = draws(a);
    assert.ok(all.every((x) => x >= 0 && x <= 1));
    const mean = all.reduce((sum, x) => sum + x, 0) / COUNT;
    const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / COUNT;
    assert.ok(
      Math.abs(mean - 0.5) < 0.015 && Math.abs(variance * (8 * a + 4) - 1) < 0.02,
      `${a}: ${mean}, ${variance}`,
    );
  }
});
