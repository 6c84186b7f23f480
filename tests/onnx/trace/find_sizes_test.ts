import assert from "#assert";
import { type Attempt, recordAtSizes } from "../../../onnx/trace/find_sizes.ts";
import type { Sizes } from "../../../onnx/trace/sample_sizes.ts";
import { TraceError } from "../../../onnx/graph/trace_error.ts";

const dimensions = ["a", "a", "b", "b"].map((input, at) => ({ input, axis: at % 2, rank: 2 }));

/** A function that wants each of some conditions on its sizes, one kernel after another. */
const wants = (...conditions: ((sizes: Sizes) => boolean)[]) => (sizes: Sizes): Attempt<Sizes> => {
  const kernels = conditions.findIndex((holds) => !holds(sizes));
  return kernels === -1 ? { result: sizes } : { kernels, error: new Error("shapes") };
};

/** Which dimensions are equal in all traces. */
function equal(recordAt: (sizes: Sizes) => Attempt<Sizes>, of = dimensions): string[] {
  const { all } = recordAtSizes(of, [], recordAt);
  return of.flatMap((_, a) =>
    of.flatMap((_, b) => a < b && all.every((sizes) => sizes[a] === sizes[b]) ? [`${a}${b}`] : [])
  );
}

Deno.test("dimensions are different where the function allows it", () => {
  assert.deepEqual(equal(wants()), []);
});

Deno.test("only those are equal that the function wants to be", () => {
  assert.deepEqual(equal(wants(([, b, c]) => b === c)), ["12"]);
  assert.deepEqual(equal(wants(([, b, c]) => b === c, ([a, , , d]) => a === d)), ["03", "12"]);
  // Both in one kernel.
  assert.deepEqual(equal(wants(([a, b, c, d]) => a === c && b === d)), ["02", "13"]);
});

Deno.test("only those are equal that the function wants to be, among so many that not all pairs of merges are tried", () => {
  const many = ["a", "a", "a", "b", "b", "c", "c"].map((input, at) => ({
    input,
    axis: [0, 1, 2, 0, 1, 0, 1][at]!,
    rank: 2,
  }));
  // A matrix and the transpose of another.
  assert.deepEqual(equal(wants(([, , , p, q, r, s]) => p === s && q === r), many), ["36", "45"]);
});

Deno.test("larger sizes are tried where small ones fail", () => {
  const { all } = recordAtSizes(dimensions, [], wants((sizes) => sizes.every((size) => size >= 40)));
  assert.ok(all.flat().every((size) => size >= 40));
});

Deno.test("the traces where one size is large may fail", () => {
  const { all } = recordAtSizes(dimensions, [], wants((sizes) => sizes.every((size) => size < 32)));
  assert.equal(all.length, 5);
});

Deno.test("one size is as large as the function allows", () => {
  const { all } = recordAtSizes(dimensions, [], wants((sizes) => sizes.every((size) => size <= 300)));
  assert.deepEqual(all.slice(5).map((sizes) => Math.max(...sizes)), [256, 256, 256, 256]);
});

Deno.test("the trace of ones, and that of small sizes, may fail", () => {
  assert.equal(recordAtSizes(dimensions, [], wants()).ofOnes?.every((size) => size === 1), true);
  const { all, ofOnes } = recordAtSizes(dimensions, [], wants((sizes) => sizes.every((size) => size > 4)));
  assert.deepEqual([all.length, ofOnes], [8, undefined]);
});

Deno.test("a function that fails at all sizes is an error with its message", () => {
  assert.throws(
    () => recordAtSizes(dimensions, [], wants(() => false)),
    (error) =>
      error instanceof TraceError &&
      /fails at every size that is tried, such as 7 for dimension 0 of a, .* for dimension 1 of b \(shapes\)/.test(
        error.message,
      ),
  );
});
