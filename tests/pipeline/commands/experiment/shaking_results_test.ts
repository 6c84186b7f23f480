import assert from "#assert";
import { modeResult, shakingTable, spreadOf } from "../../../../pipeline/commands/experiment/shaking_results.ts";
import { assertClose } from "../../../support/assert_close.ts";

const runs = [
  { error: 10, errors: [NaN, 20, NaN, 10], trainingErrors: [50, 40, 30, 20], correlations: [0.5, 0.25] },
  { error: 16, errors: [NaN, 28, NaN, 16], trainingErrors: [54, 44, 34, 24], correlations: [0.75, 0] },
];

Deno.test("a spread is mean, least and greatest", () => {
  assert.deepEqual(spreadOf([3, 1, 5]), { mean: 3, least: 1, greatest: 5 });
  assert.throws(() => spreadOf([]), RangeError);
});

Deno.test("a mode's curves have the epochs that every run measured, and its error is that of the last checkpoints", () => {
  const { errors, mean, deviation, curve, training, branches } = modeResult("shake-shake-image", runs, ["a", "b"]);
  assert.deepEqual([errors, mean], [[10, 16], 13]);
  assertClose([deviation!], [Math.sqrt(18)], 1e-12);
  assert.deepEqual(curve, [
    { epoch: 2, mean: 24, least: 20, greatest: 28 },
    { epoch: 4, mean: 13, least: 10, greatest: 16 },
  ]);
  assert.deepEqual([training.length, training[3]], [4, { epoch: 4, mean: 22, least: 20, greatest: 24 }]);
  assert.deepEqual(branches, [
    { block: "a", mean: 0.625, least: 0.5, greatest: 0.75 },
    { block: "b", mean: 0.125, least: 0, greatest: 0.25 },
  ]);
});

Deno.test("the table has the difference from the first mode, and says that the last checkpoint counts", () => {
  const plain = modeResult("even-even-batch", [{ ...runs[0]!, error: 15 }], ["a", "b"]);
  const text = shakingTable({ size: "Net on a_b.", pflop: 0.0123, judged: "test" }, [
    plain,
    modeResult("shake-shake-image", runs, ["a", "b"]),
  ]);
  assert.match(text, /^\| even-even-batch \| 15\.00 \| \+0\.00 \| {2}\| 1 \| 20\.00 \| 0\.375 \|$/m);
  assert.match(text, /^\| shake-shake-image \| 13\.00 \| -2\.00 \| 4\.24 \| 2 \| 22\.00 \| 0\.375 \|$/m);
  assert.match(text, /^Net on a\\_b\. The training steps of a run are 0\.0123 PFLOP\.$/m);
  assert.match(text, /The last checkpoint of each run counts/);
});
