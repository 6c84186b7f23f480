import assert from "#assert";
import {
  drawFactors,
  isRelative,
  parseShakeMode,
  type RelativeMode,
  relativeModes,
  type Sampling,
  samplings,
  type ShakeModeName,
  shakeModeNames,
} from "../../model/shake_factors.ts";
import { assertClose } from "../support/assert_close.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

const draw = (
  name: ShakeModeName,
  branches: number,
  batch: number,
  { blocks = 2, sampling = "normalized" as Sampling } = {},
) =>
  drawFactors(
    parseShakeMode(name),
    sampling,
    { blocks, branches, batch },
    (image) => uniformNumbers(1_000_003 + image),
  );

/** The modes that so many branches have. */
const modesOf = (branches: number) =>
  shakeModeNames.filter((name) => branches === 2 || !isRelative(parseShakeMode(name).backward));

Deno.test("there are the 12 modes of the paper's table 1 and, for each level, the 5 of its table 4", () => {
  assert.equal(shakeModeNames.length, 12 + 10);
  assert.equal(new Set(shakeModeNames).size, 22);
});

for (const sampling of samplings) {
  Deno.test(`in every mode the factors lie in [0, 1] and sum to 1 over the branches: ${sampling}`, () => {
    for (const branches of [2, 3, 5]) {
      for (const name of modesOf(branches)) {
        for (const factors of Object.values(draw(name, branches, 50, { sampling })) as Float32Array[]) {
          assert.ok(factors.every((factor) => factor >= 0 && factor <= 1), name);
          for (let block = 0; block < 2; block++) {
            for (let image = 0; image < 50; image++) {
              const at = (branch: number) => factors[(block * branches + branch) * 50 + image]!;
              const sum = Array.from({ length: branches }, (_, branch) => at(branch)).reduce((a, b) => a + b);
              assert.ok(Math.abs(sum - 1) < 1e-6, `${name}: ${sum}`);
            }
          }
        }
      }
    }
  });
}

Deno.test("even is 1/n, keep is as forward, shake backward is another draw", () => {
  const even = draw("even-even-image", 3, 4);
  assertClose(even.alpha, new Float32Array(24).fill(1 / 3), 1e-7);
  assertClose(even.beta, even.alpha, 0);
  const keep = draw("shake-keep-image", 2, 4);
  assert.deepEqual(keep.beta, keep.alpha);
  const both = draw("shake-shake-image", 2, 4);
  assert.notDeepEqual(both.beta, both.alpha);
  assert.deepEqual(draw("even-shake-image", 2, 4).beta, both.beta, "modes share their draws");
});

Deno.test("at batch level all images have the factors of one draw, at image level each its own", () => {
  for (const name of shakeModeNames) {
    const { forward, backward, level } = parseShakeMode(name);
    const different = (factors: Float32Array) => new Set(factors.subarray(0, 8)).size;
    const { alpha, beta } = draw(name, 2, 8);
    assert.equal(different(alpha), forward === "shake" && level === "image" ? 8 : 1, name);
    const drawn = backward === "keep" ? forward === "shake" : backward !== "even";
    assert.equal(different(beta), drawn && level === "image" ? 8 : 1, name);
  }
});

const IMAGES = 100_000;

/** Mean and variance of the factors of the first branch, over so many draws. */
function momentsOf(drawn: Float32Array): { mean: number; variance: number } {
  const first = drawn.subarray(0, IMAGES);
  const mean = first.reduce((a, b) => a + b) / IMAGES;
  return { mean, variance: first.reduce((sum, x) => sum + (x - mean) ** 2, 0) / IMAGES };
}

// The variances: of u / (u + v) it is 1 - ln 2 - 1/4 (the integral of (u / (u + v))^2 over the unit square is 1 - ln 2);
// of a number uniform in [0, 1], 1/12; of one of three lengths uniform on the simplex, 2 / (3^2 4).
const variances: Record<Sampling, Record<2 | 3, number | undefined>> = {
  normalized: { 2: 0.75 - Math.LN2, 3: undefined },
  uniform: { 2: 1 / 12, 3: 1 / 18 },
};

for (const sampling of samplings) {
  for (const branches of [2, 3] as const) {
    Deno.test(`100,000 ${sampling} draws of ${branches} branches have the stated distribution`, () => {
      const factors = draw("shake-shake-image", branches, IMAGES, { blocks: 1, sampling });
      for (const drawn of [factors.alpha, factors.beta]) {
        const { mean, variance } = momentsOf(drawn);
        assert.ok(Math.abs(mean - 1 / branches) < 0.004, `mean ${mean}`);
        const stated = variances[sampling][branches];
        if (stated !== undefined) assert.ok(Math.abs(variance - stated) < 0.001, `variance ${variance}`);
      }
      // Forward and backward are independent.
      const products = factors.alpha.subarray(0, IMAGES).reduce((sum, a, at) => sum + a * factors.beta[at]!, 0) /
        IMAGES;
      assert.ok(Math.abs(products - 1 / branches ** 2) < 0.003, `mean of the products ${products}`);
    });
  }
}

/** The paper's table 4: where beta lies for alpha < 1/2 and for alpha >= 1/2. */
const table4: Record<RelativeMode, [(a: number) => [number, number], (a: number) => [number, number]]> = {
  m1: [(a) => [1 - a, 1 - a], (a) => [1 - a, 1 - a]],
  m2: [(a) => [0, a], (a) => [a, 1]],
  m3: [(a) => [a, 0.5], (a) => [0.5, a]],
  m4: [(a) => [0.5, 1 - a], (a) => [1 - a, 0.5]],
  m5: [(a) => [1 - a, 1], (a) => [0, 1 - a]],
};

for (const mode of relativeModes) {
  for (const sampling of samplings) {
    Deno.test(`in mode ${mode} beta is uniform where table 4 says, given alpha: ${sampling}`, () => {
      const { alpha, beta } = draw(`shake-${mode}-image`, 2, IMAGES, { blocks: 1, sampling });
      const [below, above] = table4[mode];
      const shares: number[] = [];
      for (let image = 0; image < IMAGES; image++) {
        const [low, high] = (alpha[image]! < 0.5 ? below : above)(alpha[image]!);
        assert.ok(
          beta[image]! >= low - 1e-6 && beta[image]! <= high + 1e-6,
          `alpha ${alpha[image]}, beta ${beta[image]}`,
        );
        // Nearly empty intervals have no place that float32 could tell.
        if (high - low > 0.01) shares.push((beta[image]! - low) / (high - low));
      }
      if (mode === "m1") return;
      const mean = shares.reduce((a, b) => a + b) / shares.length;
      const variance = shares.reduce((sum, x) => sum + (x - mean) ** 2, 0) / shares.length;
      assert.ok(
        Math.abs(mean - 0.5) < 0.005 && Math.abs(variance - 1 / 12) < 0.002,
        `mean ${mean}, variance ${variance}`,
      );
    });
  }
}

Deno.test("the modes of table 4 are refused for other numbers of branches than two", () => {
  assert.throws(() => draw("shake-m2-image", 3, 1), /backward mode m2 is for two branches, not 3/);
});

Deno.test("the factors of a part of a batch are those of its images in the batch, or the one draw of it", () => {
  for (const name of ["shake-shake-image", "shake-shake-batch"] as const) {
    const draw = (batch: number, first: number) =>
      drawFactors(parseShakeMode(name), "normalized", { blocks: 2, branches: 2, batch, first }, uniformNumbers).alpha;
    const whole = draw(5, 0), part = draw(2, 3);
    for (let row = 0; row < 4; row++) {
      assert.deepEqual([...part.subarray(2 * row, 2 * row + 2)], [...whole.subarray(5 * row + 3, 5 * row + 5)], name);
    }
  }
});
