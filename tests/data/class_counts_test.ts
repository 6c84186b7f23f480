import assert from "#assert";
import { balancedWeights, classCounts } from "../../data/class_counts.ts";

const labels = ["a", "b", "c"];
const dataset = (own: number[]) => ({
  labels,
  train: { count: own.length, images: new Uint8Array(), labels: Uint8Array.from(own) },
});

Deno.test("images are counted by class", () => {
  assert.deepEqual(classCounts(dataset([0, 2, 2, 0, 0, 2, 2, 2])), [3, 0, 5]);
});

Deno.test("balanced weights are scikit-learn's, and give every class the same weight in all", () => {
  // compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 0, 1, 2, 2]) of scikit-learn 1.7.
  assert.deepEqual(balancedWeights(dataset([0, 0, 0, 0, 1, 2, 2])), [7 / 12, 7 / 3, 7 / 6]);
});

Deno.test("a class without images does not count", () => {
  assert.deepEqual(balancedWeights(dataset([0, 0, 0, 2])), [4 / 6, 1, 4 / 2]);
});
