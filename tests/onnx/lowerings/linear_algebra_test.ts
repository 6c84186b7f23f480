import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { linearAlgebraLowerings } from "../../../onnx/lowerings/linear_algebra.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";
import { testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

testLowerings(Object.keys(linearAlgebraLowerings), {
  "Diag": testCase((x) => tf.diag(x!), [null]),
  "Diag of a matrix": testCase((x) => tf.diag(x!), [2, 3]),
  "Diag of an unknown number of rows": testCase((x) => tf.diag(x!), [null, 3]),
  "Diag of int32": typedCase("int32", (x) => tf.diag(x!), [3]),
  "Diag of bool": typedCase("bool", (x) => tf.diag(x!), [5]),
  "Einsum, a product of matrices": testCase((a, b) => tf.einsum("bij, bjk -> bik", a!, b!), [null, 3, 4], [null, 4, 5]),
  "Einsum, an outer product": testCase((a, b) => tf.einsum("i,j->ji", a!, b!), [3], [4]),
  "Einsum of one operand": testCase((a) => [tf.einsum("ijk->kij", a!), tf.einsum("ijk->j", a!)], [2, null, 4]),
  "Einsum, a scalar": testCase((a, b) => tf.einsum("ij,ij->", a!, b!), [3, 4], [3, 4]),
  "Einsum with several axes in each group": testCase(
    (a, b) => tf.einsum("abcde,edfga->fbcag", a!, b!),
    [2, 3, 4, 2, 3],
    [3, 2, 2, 3, 2],
  ),
  "Einsum with unknown sizes in each group": testCase(
    (a, b) => tf.einsum("abcde,edfga->fbcag", a!, b!),
    [2, 3, null, null, 3],
    [3, null, 2, 3, 2],
  ),
  "Einsum of no elements": testCase((a, b) => tf.einsum("ij,jk->ik", a!, b!), [3, 0], [0, 4]),
  "Einsum of int32": typedCase("int32", (a, b) => tf.einsum("ij,jk->ik", a!, b!), [3, 4], [4, 2]),
  "BatchMatMul": testCase((a, b) => tf.matMul(a!, b!), [2, 3, 4], [2, 4, 5]),
  "BatchMatMul of nothing": testCase((a, b) => tf.matMul(a!, b!), [2, 3, 0], [2, 0, 5]),
  "BatchMatMul transposed": testCase((a, b) => tf.matMul(a!, b!, true, true), [4, 3], [5, 4]),
});

Deno.test("tf.einsum of bool is refused", () => {
  assert.throws(
    () => trace(({ x }) => ({ y: tf.einsum("i->", x!) }), { x: { shape: [2], dtype: "bool" } }),
    /^TraceError: tf.einsum of bool or of several types; cast the operands/,
  );
});

Deno.test("tf.einsum multiplies by an operand whose axes are not summed; TensorFlow.js leaves it out", async () => {
  const [a, b] = [randomArray([2], 1), randomArray([3, 4], 2)];
  const graph = trace(({ a, b }) => ({ y: tf.einsum("i,jk->ij", a!, b!) }), {
    a: { shape: [2] },
    b: { shape: [3, 4] },
  });
  const { y } = await runOnnx(toOnnx(graph), { a: { shape: [2], data: a }, b: { shape: [3, 4], data: b } });
  const rows = [0, 1, 2].map((row) => b.slice(4 * row, 4 * row + 4).reduce((sum, x) => sum + x, 0));
  assertClose(y!.data, [...a].flatMap((x) => rows.map((sum) => x * sum)), 1e-6);
});

// onnxruntime divides by 0, and ends the process, where it merges the transposes into the product.
const movedBatches: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  "rows that were the batch": (a, b) => tf.matMul(tf.transpose(a, [1, 0, 2]), b),
  "sums that were the batch": (a, b) => tf.matMul(tf.transpose(a, [1, 2, 0]), b),
  "rows of the right that were the batch": (a, b) => tf.matMul(a, tf.transpose(b, [1, 0, 2])),
  "columns that were the batch": (a, b) => tf.matMul(a, tf.transpose(b, [1, 2, 0])),
  "columns that were the batch, transposed twice": (a, b) => tf.matMul(a, tf.transpose(b, [1, 0, 2]), false, true),
  "einsum": (a, b) => tf.einsum("rbk,bkc->brc", a, b),
};

for (const [name, fn] of Object.entries(movedBatches)) {
  Deno.test(`a product of matrices without elements does not end the process: ${name}`, async () => {
    const shape = [null, null, null];
    const model = toOnnx(trace(({ a, b }) => ({ y: fn(a!, b!) }), { a: { shape }, b: { shape } }));
    for (const [a, b] of pairsOfOrders([0, 2, 3])) {
      const expected = expectedShape(fn, a, b);
      if (!expected) continue;
      const { y } = await runOnnx(model, { a: zeros(a), b: zeros(b) });
      assert.deepEqual(y!.shape, expected);
      assert.deepEqual([...y!.data], [...y!.data].fill(0));
    }
  });
}

const zeros = (shape: readonly number[]) => ({ shape, data: new Float32Array(tf.util.sizeFromShape([...shape])) });

/** All pairs of orders of three sizes. */
function pairsOfOrders([a, b, c]: [number, number, number]): [number[], number[]][] {
  const orders = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]];
  return orders.flatMap((left) => orders.map((right): [number[], number[]] => [left, right]));
}

/** The shape of the result, or undefined if TensorFlow.js refuses the call. */
function expectedShape(
  fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  a: number[],
  b: number[],
): readonly number[] | undefined {
  try {
    return tf.tidy(() => fn(tf.zeros(a), tf.zeros(b)).shape);
  } catch {
    return undefined;
  }
}
