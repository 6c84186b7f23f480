import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { averageOf, evaluatedState, initialAverage, withAverage } from "../../model/weight_average.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";

await useCpu();
const state = {
  "weights/a": randomTensor([40, 50], 1),
  "statistics/b": randomTensor([3], 2),
  "momentum/a": randomTensor([2], 3),
};
const later = {
  "weights/a": randomTensor([40, 50], 4),
  "statistics/b": randomTensor([3], 5),
  "momentum/a": randomTensor([2], 6),
};
const after = (keep: number, pull?: number) =>
  withAverage(
    {
      ...initialAverage(state),
      averageKeep: tf.scalar(keep),
      ...(pull !== undefined && { averagePull: tf.scalar(pull) }),
    },
    later,
  );
const numbers = (tensors: tf.NamedTensorMap, names: string[]) => names.map((name) => [...tensors[name]!.dataSync()]);
const averaged = ["weights/a", "statistics/b"];

Deno.test("the average is of weights and statistics, and begins as they are", () => {
  assert.deepEqual(Object.keys(initialAverage(state)), ["average/weights/a", "average/statistics/b"]);
  assert.deepEqual(numbers(averageOf(initialAverage(state)), averaged), numbers(state, averaged));
});

Deno.test("the average moves towards the new state, which stays", () => {
  const result = after(0.75);
  for (const name of averaged) {
    const [before, now] = [state, later].map((tensors) => (tensors as tf.NamedTensorMap)[name]!.dataSync());
    assertClose(averageOf(result)[name]!.dataSync(), before!.map((value, at) => 0.75 * value + 0.25 * now![at]!), 1e-6);
  }
  assert.deepEqual(numbers(result, Object.keys(later)), numbers(later, Object.keys(later)));
});

Deno.test("a keep of 1 leaves the average and a pull of 0 the run, to the bit", () => {
  assert.deepEqual(numbers(averageOf(after(1, 0)), averaged), numbers(state, averaged));
  assert.deepEqual(numbers(after(1, 0), averaged), numbers(later, averaged));
});

Deno.test("a keep of 0 replaces the average; at a pull of 1 the run takes it, but not its momentum", () => {
  assertClose(numbers(averageOf(after(0)), averaged).flat(), numbers(later, averaged).flat(), 1e-6);
  assertClose(numbers(after(1, 1), averaged).flat(), numbers(state, averaged).flat(), 1e-6);
  assert.deepEqual(numbers(after(1, 1), ["momentum/a"]), numbers(later, ["momentum/a"]));
});

Deno.test("the run is pulled to the average as it is after the step (airbench: lerp, then copy back)", () => {
  const result = after(0.75, 1);
  assertClose(numbers(result, averaged).flat(), numbers(averageOf(after(0.75)), averaged).flat(), 1e-6);
});

Deno.test("what equals its average stays as it is, to the bit", () => {
  const result = withAverage(
    { ...initialAverage(state), averageKeep: tf.scalar(0.3), averagePull: tf.scalar(0.7) },
    state,
  );
  assert.deepEqual(numbers(result, averaged), numbers(state, averaged));
  assert.deepEqual(numbers(averageOf(result), averaged), numbers(state, averaged));
});

Deno.test("a state with an average is evaluated as its average, another as it is", () => {
  const plain = { "weights/a": 1, "momentum/a": 2, "statistics/b": 3 };
  assert.equal(evaluatedState(plain), plain);
  const averaged = { ...plain, "average/weights/a": 4, "average/statistics/b": 5 };
  assert.deepEqual(evaluatedState(averaged), { "weights/a": 4, "statistics/b": 5 });
});
