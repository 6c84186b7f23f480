import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { type TensorFunction, toOnnx, trace } from "../../../onnx/internal.ts";
import { useCpu } from "../../support/eager.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();

const shape = [null, 3];
const modelOf = (fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Uint8Array => {
  const named: TensorFunction = ({ a, b }) => ({ y: fn(a!, b!) });
  return toOnnx(trace(named, { a: { shape }, b: { shape } }));
};

const zeros = (rows: number) => ({ shape: [rows, 3], data: new Float32Array(rows * 3) });

/** Functions of two tensors that TensorFlow.js refuses at different sizes, or whose gradients depend on them. */
const functions: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  "sums": tf.add,
  "products of matrices": (a, b) => tf.matMul(a, b, true),
  "joined tensors": (a, b) => tf.concat([a, b], 1),
  "stacked tensors": (a, b) => tf.stack([a, b], 1),
  "sums of many": (a, b) => tf.addN([a, b]),
  "losses": (a, b) => tf.losses.softmaxCrossEntropy(a, b),
  "a shape that another tensor has": (a, b) => tf.reshape(a, b.shape),
  "gradients": (a, b) => tf.grad((a) => tf.sum(tf.mul(a, b)))(a),
};

for (const [what, fn] of Object.entries(functions)) {
  Deno.test(`an error names the dimensions that must be equal for ${what}`, async () => {
    const model = modelOf(fn);
    for (const [a, b] of [[4, 5], [1, 5], [5, 1]] as const) {
      await assert.rejects(
        async () => await runOnnx(model, { a: zeros(a), b: zeros(b) }),
        /b_dimension_0_must_equal_a_dimension_0/,
      );
    }
    await runOnnx(model, { a: zeros(4), b: zeros(4) });
  });
}

Deno.test("an error names the dimensions of one input that must be equal", async () => {
  const model = toOnnx(trace(({ x }) => ({ y: tf.matMul(x!, x!) }), { x: { shape: [null, null] } }));
  const of = (rows: number, columns: number) => ({ shape: [rows, columns], data: new Float32Array(rows * columns) });
  await assert.rejects(
    async () => await runOnnx(model, { x: of(2, 3) }),
    /x_dimension_1_must_equal_x_dimension_0/,
  );
  await runOnnx(model, { x: of(3, 3) });
});

Deno.test("sizes that need not be equal are not checked", async () => {
  const model = modelOf((a, b) => tf.matMul(a, b, false, true));
  const { y } = await runOnnx(model, { a: zeros(2), b: zeros(5) });
  assert.deepEqual(y!.shape, [2, 5]);
});

Deno.test("the checked inputs keep NaN, infinities and -0, and booleans", async () => {
  const numbers = { shape: [2, 3], data: Float32Array.of(NaN, Infinity, -Infinity, -0, 0, 1) };
  const fn: TensorFunction = ({ a, b, c }) => ({
    a: tf.clone(a!),
    joined: tf.concat([a!, tf.cast(tf.logicalAnd(b!, c!), "float32")], 1),
  });
  const model = toOnnx(trace(fn, { a: { shape }, b: { shape, dtype: "bool" }, c: { shape, dtype: "bool" } }));
  const flags = (...bytes: number[]) => ({ shape: [2, 3], data: Uint8Array.from(bytes), dtype: "bool" as const });
  const { joined } = await runOnnx(model, { a: numbers, b: flags(1, 1, 0, 0, 1, 1), c: flags(1, 0, 1, 0, 1, 1) });
  assert.deepEqual(
    Array.from(joined!.data as Float32Array),
    [NaN, Infinity, -Infinity, 1, 0, 0, -0, 0, 1, 0, 1, 1],
  );
});
