import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { branchMoments, meanCorrelation, mergedMoments, type Moments } from "../../model/branch_moments.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";
import { trainedState } from "../support/trained_state.ts";

await useCpu();

/** Moments of rows of samples, a row a branch, by their definition. */
function momentsOf(rows: readonly (readonly number[])[], count: number): Moments {
  const mean = rows.map((row) => row.reduce((a, b) => a + b) / row.length);
  const covariance = rows.map((a, i) =>
    rows.map((b, j) => a.reduce((sum, x, at) => sum + (x - mean[i]!) * (b[at]! - mean[j]!), 0) / a.length)
  );
  return { count, mean, covariance };
}

Deno.test("merged moments are those of all samples together", () => {
  const next = uniformNumbers(1);
  const sample = (count: number) => Array.from({ length: 3 }, () => Array.from({ length: 4 * count }, next));
  const [first, second] = [sample(2), sample(5)];
  const merged = mergedMoments(momentsOf(first, 2), momentsOf(second, 5));
  const all = momentsOf(first.map((row, at) => [...row, ...second[at]!]), 7);
  assertClose([...merged.mean, ...merged.covariance.flat()], [...all.mean, ...all.covariance.flat()], 1e-12);
  assert.equal(merged.count, 7);
});

Deno.test("the correlation is 1 of equal, -1 of opposite branches, and the mean over pairs of three", () => {
  const row = [1, 2, 4, 3], opposite = row.map((x) => 7 - 2 * x);
  assertClose([meanCorrelation(momentsOf([row, row.map((x) => 3 * x)], 1))], [1], 1e-12);
  assertClose([meanCorrelation(momentsOf([row, opposite], 1))], [-1], 1e-12);
  assertClose([meanCorrelation(momentsOf([row, row, opposite], 1))], [-1 / 3], 1e-12);
  assert.equal(meanCorrelation(momentsOf([row, [5, 5, 5, 5]], 1)), 0);
});

Deno.test("branches of the same weights correlate by 1 in every block, others do not", () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
  const state = Object.fromEntries(
    Object.entries(trainedState(net)).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
  );
  const twins = Object.fromEntries(
    Object.keys(state).map((name) => [name, state[name.replace("branch2", "branch1")]!]),
  );
  const correlations = (values: tf.NamedTensorMap) => {
    const { mean, covariance } = branchMoments(net)({ ...values, images: randomTensor([4, 8, 8, 3], 1) });
    assert.deepEqual([mean!.shape, covariance!.shape], [[3, 2], [3, 2, 2]]);
    return (covariance!.arraySync() as number[][][]).map((covariance) =>
      meanCorrelation({ count: 4, mean: [], covariance })
    );
  };
  assertClose(correlations(twins), [1, 1, 1], 1e-5);
  assert.ok(correlations(state).every((value) => Math.abs(value) < 0.9));
});
