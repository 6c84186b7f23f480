import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { shake } from "../../model/shake.ts";
import { drawFactors, parseShakeMode, type ShakeModeName, shakeModeNames } from "../../model/shake_factors.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();
const shape = [2, 1, 2, 3];

Deno.test("forward weighs branches by alpha, backward by beta, each image by its own factors", () => {
  const branches = [1, 2, 3].map((seed) => randomTensor<tf.Rank.R4>(shape, seed));
  const alpha = tf.tensor2d([[0.1, 0.2], [0.3, 0.5], [0.6, 0.3]]);
  const beta = tf.tensor2d([[0.7, 0.1], [0.2, 0.8], [0.1, 0.1]]);
  const dy = randomTensor(shape, 4);
  const forward = (...branches: tf.Tensor[]) => shake(branches as tf.Tensor4D[], alpha, beta);
  const factor = (factors: tf.Tensor2D, branch: number, element: number) =>
    factors.arraySync()[branch]![Math.floor(element / 6)]!;
  const sum = Array.from(
    { length: 12 },
    (_, element) =>
      branches.reduce(
        (total, values, branch) => total + factor(alpha, branch, element) * values.dataSync()[element]!,
        0,
      ),
  );
  assertClose(forward(...branches).dataSync(), sum, 1e-6);
  tf.grads(forward)(branches, dy).forEach((gradient, branch) => {
    const expected = Array.from(dy.dataSync(), (value, element) => factor(beta, branch, element) * value);
    assertClose(gradient.dataSync(), expected, 1e-6);
  });
});

const draw = (name: ShakeModeName, branches: number, batch: number, blocks = 2, seed = 1) =>
  drawFactors(parseShakeMode(name), { blocks, branches, batch }, (image) => uniformNumbers(seed * 1_000_003 + image));

Deno.test("in every mode the factors lie in [0, 1] and sum to 1 over the branches", () => {
  for (const name of shakeModeNames) {
    for (const branches of [2, 3]) {
      for (const factors of Object.values(draw(name, branches, 50)) as Float32Array[]) {
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
  const ofImages = (factors: Float32Array) => new Set(factors.subarray(0, 8)).size;
  assert.equal(ofImages(draw("shake-shake-batch", 2, 8).alpha), 1);
  assert.equal(ofImages(draw("shake-shake-image", 2, 8).alpha), 8);
});

Deno.test("normalised draws of two branches have mean 1/2 and the variance of u / (u + v)", () => {
  const { alpha } = draw("shake-shake-image", 2, 50_000, 1);
  const drawn = alpha.subarray(0, 50_000);
  const mean = drawn.reduce((a, b) => a + b) / drawn.length;
  const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / drawn.length;
  // The integral of (u / (u + v))^2 over the unit square is 1 - ln 2.
  assert.ok(Math.abs(mean - 0.5) < 0.005, `mean ${mean}`);
  assert.ok(Math.abs(variance - (0.75 - Math.LN2)) < 0.002, `variance ${variance}`);
});
