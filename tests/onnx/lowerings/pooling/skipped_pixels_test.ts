import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { type OnnxOptions, toOnnx, trace } from "../../../../onnx/internal.ts";
import { type Case, specialNumbers, testCase, testLowerings } from "../../../support/lowering_cases.ts";
import { operators } from "../../../support/operators.ts";
import { runOnnx } from "../../../support/run_onnx.ts";

type Sides = number | [number, number];
type Pad = "same" | "valid" | number;

const largest = (size: Sides, strides: Sides, pad: Pad) => (x: tf.Tensor) =>
  tf.maxPool(x as tf.Tensor4D, size, strides, pad);
const largest3d = (size: number, strides: number, pad: Pad) => (x: tf.Tensor) =>
  tf.maxPool3d(x as tf.Tensor5D, size, strides, pad);
const withPlaces = (size: number, strides: number, pad: Pad) => (x: tf.Tensor | undefined) => {
  const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, size, strides, pad, true);
  return [result!, indexes!];
};
const poolings = [largest(2, 2, "valid"), largest(3, 2, "same"), largest(2, 1, 1), largest(2, 1, 2), largest(1, 1, 0)];

/** Windows of nothing but skipped pixels among others. */
const NUMBERS = [NaN, NaN, -Infinity, NaN, ...specialNumbers, -Infinity, -Infinity, NaN];
const exact = (tested: Case): Case => ({ ...tested, elements: [NUMBERS], specialValues: "exact" });
/** The gradient for 1, 2, 3, ... */
const gradients = (fns: readonly ((x: tf.Tensor) => tf.Tensor)[]) => (x: tf.Tensor | undefined) =>
  fns.map((fn) => {
    const { shape, size } = fn(x!);
    return tf.grad(fn)(x!, tf.reshape(tf.range(1, size + 1), shape));
  });

testLowerings(["MaxPool", "MaxPool3D", "MaxPool3DGrad", "MaxPoolGrad", "MaxPoolWithArgmax"], {
  "maxima of special numbers": exact(testCase((x) => poolings.map((pool) => pool(x!)), [2, 5, 6, 3])),
  "maxima of special numbers in an image of unknown sides": exact(
    testCase((x) => [largest(3, 2, "same"), largest(2, 2, "valid")].map((pool) => pool(x!)), [null, null, null, 2]),
  ),
  "maxima of special numbers in volumes": exact(
    testCase((x) => [largest3d(2, 2, "same")(x!), largest3d(2, 1, 1)(x!)], [1, 3, 3, 3, 2]),
  ),
  "places of the maxima of special numbers": exact(testCase(withPlaces(2, 2, "same"), [2, 5, 5, 3])),
  "gradients of maxima of special numbers": {
    ...exact(testCase(gradients(poolings), [2, 5, 6, 3])),
    opset: 16,
  },
  "gradients of windows of one pixel, which are no maxima where it is skipped": {
    ...exact(testCase(gradients([largest(1, [3, 1], "same"), largest([1, 2], 1, "same")]), [1, 1, 9, 2])),
    opset: 16,
  },
  "gradients of maxima of special numbers in volumes": {
    ...exact(testCase(gradients([largest3d(2, 2, "valid"), largest3d(2, 1, "valid")]), [1, 4, 4, 4, 2])),
    opset: 16,
  },
});

/** A row of pixels in windows of two, the last one padded, and its gradient where each window's is 1. */
async function pooledRow(pixels: readonly number[], options: OnnxOptions = { specialValues: "exact" }) {
  const shape = [1, 1, pixels.length, 1], pool = largest([1, 2], [1, 2], "same");
  const graph = trace(
    ({ x }) => ({ y: pool(x!), dx: tf.grad(pool)(x!, tf.ones([1, 1, Math.ceil(pixels.length / 2), 1])) }),
    { x: { shape } },
  );
  const model = toOnnx(graph, options);
  const { y, dx } = await runOnnx(model, { x: { shape, data: Float32Array.from(pixels) } });
  return { y: [...y!.data], dx: [...dx!.data], operators: operators(model) };
}

Deno.test("NaN is skipped wherever it stands in its window, and has no gradient", async () => {
  const { y, dx } = await pooledRow([NaN, 5, -5, NaN, NaN, NaN, NaN]);
  assert.deepEqual(y, [5, -5, -Infinity, -Infinity]);
  assert.deepEqual(dx, [0, 1, 1, 0, 0, 0, 0]);
});

Deno.test("a window of nothing but -Infinity is -Infinity, and has no gradient", async () => {
  const { y, dx } = await pooledRow([-Infinity, -Infinity, -Infinity, 3, -Infinity]);
  assert.deepEqual(y, [-Infinity, 3, -Infinity]);
  assert.deepEqual(dx, [0, 0, 0, 1, 0]);
});

Deno.test("the lowest float32 is no -Infinity", async () => {
  const lowest = Math.fround(-3.4028234663852886e38);
  assert.deepEqual((await pooledRow([lowest, lowest, -Infinity, -Infinity])).y, [lowest, -Infinity]);
});

Deno.test("fast special values pool without a second pooling", async () => {
  const { operators } = await pooledRow([1, 2, 3], {});
  assert.equal(operators.filter((operator) => operator === "MaxPool").length, 1);
  assert.ok(!operators.includes("Greater"));
});
