import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { trace } from "../../../onnx/internal.ts";
import { linearAlgebraLowerings } from "../../../onnx/lowerings/linear_algebra.ts";
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
  "Einsum of int32": typedCase("int32", (a, b) => tf.einsum("ij,jk->ik", a!, b!), [3, 4], [4, 2]),
  "BatchMatMul": testCase((a, b) => tf.matMul(a!, b!), [2, 3, 4], [2, 4, 5]),
  "BatchMatMul transposed": testCase((a, b) => tf.matMul(a!, b!, true, true), [4, 3], [5, 4]),
});

Deno.test("tf.einsum of bool is refused", () => {
  assert.throws(
    () => trace(({ x }) => ({ y: tf.einsum("i->", x!) }), { x: { shape: [2], dtype: "bool" } }),
    /^TraceError: tf.einsum of bool or of several types; cast the operands/,
  );
});
