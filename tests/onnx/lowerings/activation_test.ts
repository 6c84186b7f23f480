import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import { activationLowerings } from "../../../onnx/lowerings/activation.ts";
import {
  blockedCase,
  type Case,
  specialCase,
  specialPairs,
  testCase,
  testLowerings,
  typedCase,
} from "../../support/lowering_cases.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;

const activations: Record<string, Unary> = {
  ClipByValue: (x) => tf.clipByValue(x, -0.5, 1.5),
  Elu: tf.elu,
  LeakyRelu: (x) => tf.leakyRelu(x, 0.3),
  Relu6: tf.relu6,
  Selu: tf.selu,
  Softplus: tf.softplus,
};

const { Elu: _, ...ofEveryType } = activations;

const each = (functions: Record<string, Unary>, what: string, caseOf: (fn: Unary) => Case) =>
  Object.fromEntries(Object.entries(functions).map(([name, fn]) => [`${name} ${what}`, caseOf(fn)]));

testLowerings(Object.keys(activationLowerings), {
  ...each(activations, "of special numbers", (fn) => specialCase((x) => fn(x!))),
  ...each(activations, "of large numbers", (fn) => ({ ...testCase((x) => fn(x!), [50]), from: (x) => 200 * x })),
  ...each(activations, "with an unknown size", (fn) => testCase((x) => fn(x!), [null, 3])),
  ...each(activations, "'s gradient", (fn) => ({ ...testCase((x) => tf.grad(fn)(x!), [30]), from: (x) => 9 * x })),
  ...each(ofEveryType, "of int32", (fn) => typedCase("int32", (x) => fn(x!), [40])),
  "LeakyRelu of bool": typedCase("bool", (x) => tf.leakyRelu(x!), [9]),
  "Relu6 of bool": typedCase("bool", (x) => tf.relu6(x!), [9]),
  "Elu and Relu6 of a blocked image": blockedCase((y) => [tf.elu(y), tf.relu6(y), tf.selu(y)]),
  "Prelu of special numbers": specialPairs((x, alpha) => tf.prelu(x!, alpha!)),
  "Prelu of channels": testCase((x, alpha) => tf.prelu(x!, alpha!), [null, 3, 4], [4]),
  "Prelu whose alpha has more dimensions": testCase((x, alpha) => tf.prelu(x!, alpha!), [4], [3, 4]),
  "Prelu of int32": typedCase("int32", (x, alpha) => tf.prelu(x!, alpha!), [3, 4], [4]),
  "Prelu of a blocked image": blockedCase((y, _, alpha) => [tf.prelu(y, alpha!), tf.prelu(tf.relu(y), y)]),
  "Prelu's gradients": testCase((x, a) => tf.grads((x, a) => tf.prelu(x, a))([x!, a!]), [2, 3, 4], [4]),
});

Deno.test("a kernel of bool that makes other numbers than 0 and 1 is refused", () => {
  const graph = trace(({ x }) => ({ y: tf.clipByValue(x!, 2, 3) }), { x: { shape: [2], dtype: "bool" } });
  assert.throws(() => toOnnx(graph), /^TraceError: tf\.clipByValue of bool makes numbers other than 0 and 1; cast/);
});
