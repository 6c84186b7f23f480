import assert from "#assert";
import { largeSizes, sizesOfTraces, smallSizes } from "../../../onnx/trace/sample_sizes.ts";

const groups = Array.from({ length: 9 }, (_, at) => at);

Deno.test("the first traces have every remainder of 2, 3 and 4 in a dimension, together with the small one", () => {
  const traces = [...sizesOfTraces([0])[0]!, smallSizes([0], [])].flat();
  for (const divisor of [2, 3, 4]) {
    assert.equal(new Set(traces.map((size) => size % divisor)).size, divisor, `${traces} by ${divisor}`);
  }
});

Deno.test("groups differ in every trace, and equal groups agree", () => {
  for (const sizes of sizesOfTraces(groups).flat()) assert.equal(new Set(sizes).size, groups.length);
  assert.deepEqual(sizesOfTraces([0, 1, 0])[0]!.map(([a, , b]) => a === b), [true, true, true, true]);
});

Deno.test("a small size is none of the known ones", () => {
  assert.deepEqual(smallSizes([0, 1, 0], [2, 3, 5]), [4, 6, 4]);
});

Deno.test("one group after another is large, larger than in the other traces, unless there are many", () => {
  const [first, second, ...others] = largeSizes([0, 1, 0], [[7, 11, 7], [300, 8, 300]]);
  assert.deepEqual(first, [[1024, 11, 1024], [512, 11, 512]]);
  assert.deepEqual([second![0], second!.at(-1)], [[7, 1024, 7], [7, 32, 7]]);
  assert.deepEqual(others, []);
  assert.deepEqual(largeSizes(groups, [groups]), []);
});
