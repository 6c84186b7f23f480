import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { transcendentalLowerings } from "../../../onnx/lowerings/transcendental.ts";
import {
  blockedCase,
  type Case,
  specialCase,
  specialPairs,
  testCase,
  testLowerings,
  typedCase,
} from "../../support/lowering_cases.ts";
import { assertClose } from "../../support/assert_close.ts";
import { runOnnx } from "../../support/run_onnx.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;

const ofFloat32: Record<string, Unary> = { Cos: tf.cos, Cosh: tf.cosh, Sin: tf.sin, Tan: tf.tan };

const ofEveryType: Record<string, Unary> = {
  Acos: tf.acos,
  Acosh: tf.acosh,
  Asin: tf.asin,
  Asinh: tf.asinh,
  Atan: tf.atan,
  Atanh: tf.atanh,
  Erf: tf.erf,
  Expm1: tf.expm1,
  Log1p: tf.log1p,
  Sinh: tf.sinh,
};

const each = (functions: Record<string, Unary>, what: string, caseOf: (fn: Unary) => Case) =>
  Object.fromEntries(Object.entries(functions).map(([name, fn]) => [`${name} ${what}`, caseOf(fn)]));

const all = { ...ofFloat32, ...ofEveryType };

testLowerings(Object.keys(transcendentalLowerings), {
  ...each(all, "of special numbers", (fn) => specialCase((x) => fn(x!))),
  ...each(all, "with an unknown size", (fn) => testCase((x) => fn(x!), [null, 3])),
  ...each(all, "'s gradient", (fn) => testCase((x) => tf.grad(fn)(x!), [3, 4])),
  ...each(ofEveryType, "of int32", (fn) => typedCase("int32", (x) => fn(x!), [40])),
  "Acosh of numbers above 1": { ...testCase((x) => tf.acosh(x!), [20]), from: (x) => 5 * x + 6 },
  "Atan2 of special numbers": specialPairs((a, b) => tf.atan2(a!, b!)),
  "Atan2 broadcasts": testCase((a, b) => tf.atan2(a!, b!), [null, 3, 1], [4]),
  "Atan2's gradients": testCase((a, b) => tf.grads((a, b) => tf.atan2(a, b))([a!, b!]), [3, 4], [4]),
  "functions of a blocked image": blockedCase((y) => [tf.sin(y), tf.atan2(y, tf.cos(y)), tf.expm1(y)]),
});

const { Erf: _, ...ofBool } = ofEveryType;

for (const [name, fn] of Object.entries(ofBool)) {
  Deno.test(`${name} of bool is a bool, as in TensorFlow.js`, async () => {
    const model = toOnnx(trace(({ x }) => ({ y: fn(x!) }), { x: { shape: [2], dtype: "bool" } }));
    const { y } = await runOnnx(model, { x: { shape: [2], data: Uint8Array.of(0, 1), dtype: "bool" } });
    assert.deepEqual([...y!.data], [...fn(tf.tensor1d([false, true], "bool")).dataSync()]);
  });
}

Deno.test("expm1 and log1p are exact to float32 near zero, where adding 1 would cancel", async () => {
  const x = Float32Array.from({ length: 60 }, (_, at) => (at % 2 ? -1 : 1) * 10 ** (-at / 6));
  const model = toOnnx(
    trace(({ x }) => ({ up: tf.expm1(x!), log: tf.log1p(tf.mul(x!, 0.5)) }), { x: { shape: [60] } }),
  );
  const { up, log } = await runOnnx(model, { x: { shape: [60], data: x } });
  const relative = (actual: ArrayLike<number>, exact: (x: number) => number) =>
    assertClose(Array.from(actual, (y, at) => y / exact(x[at]!)), Array.from(x, () => 1), 1e-6);
  relative(up!.data, Math.expm1);
  relative(log!.data, (x) => Math.log1p(x / 2));
});
