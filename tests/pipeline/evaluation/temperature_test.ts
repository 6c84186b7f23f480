import assert from "#assert";
import { crossEntropyAt, fitTemperature, probabilitiesAt } from "../../../pipeline/evaluation/temperature.ts";
import { assertClose } from "../../support/assert_close.ts";
import { uniformNumbers } from "../../support/random_tensors.ts";

Deno.test("the temperature of two classes with one gap of the logits is the formula's", () => {
  // With the gap g, the best probability of the right class is the share of right images: g / T = log(right / wrong).
  const rights = [1, 1, 1, 0];
  const logProbabilities = Float32Array.from(rights.flatMap(() => [5, 0]));
  const labels = rights.map((right) => right ? 0 : 1);
  assertClose([fitTemperature({ logProbabilities, labels, classes: 2 })!], [5 / Math.log(3)], 1e-8);
});

/** Logits of three classes whose labels are drawn with the temperature 2.5. */
function drawn(images: number) {
  const next = uniformNumbers(3), temperature = 2.5;
  const logProbabilities = Float32Array.from({ length: images * 3 }, () => 10 * next());
  const labels = Array.from({ length: images }, (_, image) => {
    const powers = [0, 1, 2].map((at) => Math.exp(logProbabilities[image * 3 + at]! / temperature));
    let left = next() * powers.reduce((a, b) => a + b);
    return powers.findIndex((power) => (left -= power) < 0);
  });
  return { logProbabilities, labels, classes: 3 };
}

Deno.test("no neighbouring temperature has a lower cross-entropy, and it is the one that drew the labels", () => {
  const predictions = drawn(4000), fitted = fitTemperature(predictions)!;
  assert.ok(Math.abs(fitted - 2.5) < 0.15, `${fitted}`);
  const least = crossEntropyAt(predictions, fitted);
  for (const factor of [0.99, 0.999, 1.001, 1.01]) {
    assert.ok(crossEntropyAt(predictions, fitted * factor) > least, `${factor}`);
  }
});

Deno.test("images that are all right determine no temperature, one mistake does", () => {
  const logProbabilities = Float32Array.of(3, 0, 0, 3, 1, 0);
  assert.equal(fitTemperature({ logProbabilities, labels: [0, 1, 0], classes: 2 }), undefined);
  assert.ok(fitTemperature({ logProbabilities, labels: [0, 1, 1], classes: 2 })! > 0);
});

Deno.test("predictions worse than chance end at the greatest temperature", () => {
  const logProbabilities = Float32Array.of(3, 0, 0, 3);
  assertClose([fitTemperature({ logProbabilities, labels: [1, 0], classes: 2 })!], [100], 1e-6);
});

Deno.test("probabilities at a temperature are the soft-max of the divided logits", () => {
  const logProbabilities = Float32Array.of(2, 0, -1000);
  const [a, b, c] = [Math.exp(1), 1, Math.exp(-500)];
  assertClose(
    probabilitiesAt({ logProbabilities, classes: 3 }, 2),
    [a, b, c].map((x) => x / (a + b + c)),
    1e-7,
  );
});
