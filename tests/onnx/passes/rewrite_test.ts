import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { applyPass, type Pass, rule } from "../../../onnx/passes/rewrite.ts";
import { call } from "../../../onnx/passes/term.ts";
import { kernelNames, traceImages } from "../../support/trace_images.ts";

const expOfTwice: Pass = {
  name: "exp of twice",
  rules: [
    rule({
      name: "square of exp",
      formula: "exp(x)^2 = exp(x + x)",
      kernels: ["Square"],
      match: ({ inputs }, graph) => graph.soleProducer(inputs["x"]!, "Exp")?.inputs["x"],
      replace: (x, { outputs }) => call("Exp", { x: call("Add", { a: x, b: x }, x) }, outputs[0]!),
    }),
  ],
};

Deno.test("a rule replaces a kernel and what only that kernel read", () => {
  const traced = traceImages(({ x }) => ({ z: tf.sqrt(tf.square(tf.exp(x!))) }));
  const graph = applyPass(traced, expOfTwice);
  assert.deepEqual(kernelNames(graph), ["Add", "Exp", "Sqrt"]);
  assert.equal(graph.outputs["z"], traced.outputs["z"]);
});

Deno.test("a rule sees the replacements before it", () => {
  const traced = traceImages(({ x }) => ({ z: tf.square(tf.square(tf.exp(x!))) }));
  assert.deepEqual(kernelNames(applyPass(traced, expOfTwice)), ["Add", "Add", "Exp"]);
});

Deno.test("rules are tried on replacements", () => {
  const pass: Pass = {
    name: "squares",
    rules: [
      rule({
        name: "square of a negative",
        formula: "(-x)^2 = x^2",
        kernels: ["Square"],
        match({ inputs }, graph) {
          const negative = graph.producer(inputs["x"]!);
          return negative?.name === "Neg" ? negative.inputs["x"] : undefined;
        },
        replace: (x, { outputs }) => call("Square", { x }, outputs[0]!),
      }),
      rule({
        name: "product with itself",
        formula: "x x = x^2",
        kernels: ["Multiply"],
        match: ({ inputs: { a, b } }) => a === b ? a : undefined,
        replace: (x, { outputs }) => call("Square", { x }, outputs[0]!),
      }),
    ],
  };
  const traced = traceImages(({ x }) => {
    const y = tf.neg(x!);
    return { z: tf.mul(y, y) };
  });
  const graph = applyPass(traced, pass);
  assert.deepEqual(kernelNames(graph), ["Square"]);
  assert.equal(graph.kernels[0]!.inputs["x"], graph.inputs["x"]);
});

Deno.test("a call that stands twice in a replacement is computed once", () => {
  const product: Pass = {
    name: "product",
    rules: [
      rule({
        name: "square",
        formula: "x^2 = x x",
        kernels: ["Square"],
        match: ({ inputs }) => inputs["x"],
        replace(x, { outputs }) {
          const negative = call("Neg", { x }, x);
          return call("Multiply", { a: negative, b: negative }, outputs[0]!);
        },
      }),
    ],
  };
  const graph = applyPass(traceImages(({ x }) => ({ z: tf.square(x!) })), product);
  assert.deepEqual(kernelNames(graph), ["Neg", "Multiply"]);
});

Deno.test("an output that a rule replaces by another value keeps its name", () => {
  const removal: Pass = {
    name: "removal",
    rules: [
      rule({
        name: "absolute value of exp",
        formula: "|exp(x)| = exp(x)",
        kernels: ["Abs"],
        match: ({ inputs }, graph) => graph.producer(inputs["x"]!)?.name === "Exp" ? inputs["x"] : undefined,
        replace: (x) => x,
      }),
    ],
  };
  const graph = applyPass(traceImages(({ x }) => ({ z: tf.abs(tf.abs(tf.exp(x!))) })), removal);
  assert.deepEqual(kernelNames(graph), ["Exp"]);
  assert.equal(graph.outputs["z"], graph.kernels[0]!.outputs[0]);
});
