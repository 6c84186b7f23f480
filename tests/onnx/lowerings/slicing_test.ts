import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { slicingLowerings } from "../../../onnx/lowerings/slicing.ts";
import { blockedCase, convolvedCase, image, testCase, testLowerings } from "../../support/lowering_cases.ts";
import { runOnnx } from "../../support/run_onnx.ts";

/** Strided slices of a tensor of rank 3, whose first axis has 3 elements at least. */
const strided: Record<string, (x: tf.Tensor) => tf.Tensor> = {
  "forwards": (x) => tf.stridedSlice(x, [1, 0, -3], [3, 1, -1], [1, 1, 1]),
  "with steps": (x) => tf.stridedSlice(x, [0, 0, 1], [99, -1, 4], [2, 1, 2]),
  "backwards": (x) => tf.stridedSlice(x, [2, -1, 3], [0, -99, 0], [-1, -1, -2]),
  "backwards from the end to the start": (x) => tf.stridedSlice(x, [0, 0], [0, 0], [-1, -2], 3, 3),
  "with masks": (x) => tf.stridedSlice(x, [1, 2, 3], [2, 1, 2], [1, 1, 1], 2, 5),
  "that drops axes": (x) => tf.stridedSlice(x, [-1, 0, 2], [0, 1, 3], [1, 1, 1], 0, 0, 0, 0, 5),
  "that adds axes": (x) => tf.stridedSlice(x, [0, 0, 0], [0, 2, 0], [1, 1, 1], 0, 0, 0, 5),
  "with an ellipsis": (x) => tf.stridedSlice(x, [1, 0, 1], [3, 0, 3], [1, 1, 1], 0, 0, 2),
  "with an ellipsis between a new axis and a dropped one": (x) =>
    tf.stridedSlice(x, [0, 0, 0, -2], [0, 0, 0, 0], [1, 1, 1, 1], 0, 0, 2, 5, 8),
};

testLowerings(Object.keys(slicingLowerings), {
  "Slice from a number": testCase((x) => tf.slice(x!, 2), [5]),
  "Slice of the first axes": testCase((x) => tf.slice(x!, [1], [2]), [3, 4]),
  "Slice of a convolution": convolvedCase((y) => tf.slice4d(y, [0, 1, 2, 1], [2, 3, -1, 2])),
  "Slice of a blocked image": blockedCase((y) => [
    tf.slice4d(y, [0, 1, 1, 0], [2, 2, 2, 32]),
    tf.slice4d(y, [0, 0, 0, 3], [2, 4, 3, 16]),
  ]),
  "Slice from within an unknown size": testCase((x) => [tf.slice(x!, [1, 0], [-1, 2]), tf.slice(x!, 1)], [null, 3]),
  "SplitV of an unknown size": testCase(
    (x) => [...tf.split(x!, [1, -1]), ...tf.split(x!, 1)],
    [null, 2],
  ),
  "SplitV in front of and behind an unknown size": testCase((x) => tf.split(tf.concat([x!, x!, x!]), [1, -1, 2]), [
    null,
  ]),
  "SplitV": testCase((x) => tf.split(x!, [1, 2], 3), image),
  "SplitV of a blocked image": blockedCase((y) => [
    ...tf.split(y, 2, 3),
    ...tf.split(y, [8, 24], 3),
    ...tf.split(y, 2, 1),
  ]),
  ...Object.fromEntries(
    Object.entries(strided).flatMap(([what, fn]) => [
      [`StridedSlice ${what}`, testCase((x) => fn(x!), [5, 6, 4])],
      [`StridedSlice ${what}, of unknown sizes`, testCase((x) => fn(tf.concat([x!, x!, x!])), [null, null, 4])],
    ]),
  ),
  "StridedSlice of nothing": testCase((x) => tf.stridedSlice(x!, [0], [2], [1]), [0, 3]),
});

/** Slices that end behind a short axis, and the sizes at which they do. */
const tooLong: Readonly<Record<string, { fn: (x: tf.Tensor) => tf.Tensor; short: number; least: number }>> = {
  "from the start": { fn: (x) => tf.slice(x, 0, 3), short: 2, least: 3 },
  "from within": { fn: (x) => tf.slice(x, 2, 3), short: 4, least: 5 },
  "from behind the end": { fn: (x) => tf.slice(x, 4, 1), short: 3, least: 5 },
};

for (const [what, { fn, short, least }] of Object.entries(tooLong)) {
  Deno.test(`Slice ${what} of an unknown size: the model refuses an axis that it leaves, as TensorFlow.js does`, async () => {
    const model = toOnnx(trace(({ x }) => ({ y: fn(x!) }), { x: { shape: [null] } }));
    const run = (size: number) => runOnnx(model, { x: { shape: [size], data: Float32Array.from(Array(size).keys()) } });
    assert.throws(() => fn(tf.range(0, short)));
    await assert.rejects(() => run(short));
    const { y } = await run(least);
    assert.deepEqual(Array.from(y!.data as Float32Array), Array.from(fn(tf.range(0, least)).dataSync()));
  });
}

Deno.test("the error of a slice that leaves an axis names the axis", async () => {
  const model = toOnnx(trace(({ x }) => ({ y: tf.slice(x!, [0, 0], [1, 3]) }), { x: { shape: [1, null] } }));
  await assert.rejects(
    () => runOnnx(model, { x: { shape: [1, 2], data: new Float32Array(2) } }),
    /slice_must_end_within_dimension_1/,
  );
});

Deno.test("a strided slice that drops an axis takes NumPy's elements, also with steps along another", async () => {
  const column = (x: tf.Tensor) => tf.stridedSlice(x, [0, 1], [x.shape[0]!, 2], [2, 1], 0, 0, 0, 0, 2);
  const model = toOnnx(trace(({ x }) => ({ y: column(x!) }), { x: { shape: [null, 3] } }));
  const x = { shape: [4, 3], data: Float32Array.from(Array(12).keys()) };
  // NumPy: arange(12).reshape(4, 3)[0:4:2, 1]
  assert.deepEqual((await runOnnx(model, { x }))["y"], { shape: [2], data: Float32Array.of(1, 7) });
});
